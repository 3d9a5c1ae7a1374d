/** The command line: thin classes that read arguments and call {@code training}. */
package org.efficienttrain.app;
