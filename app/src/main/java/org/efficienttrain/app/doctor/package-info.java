/**
 * What {@code ./et doctor} looks at: the machine, its speed, and what to do about what is wrong.
 */
package org.efficienttrain.app.doctor;
