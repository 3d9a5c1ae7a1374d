/**
 * A page about runs that needs nothing beside itself: no script, no link to elsewhere, pictures
 * inside.
 *
 * <p>What a run's folder holds is text from outside: everything goes through an escape.
 */
package org.efficienttrain.app.report;
