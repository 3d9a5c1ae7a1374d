/**
 * Pictures of figures, drawn without a screen and handed out as the bytes of a PNG file. They know
 * numbers and words only, and neither networks nor files.
 */
package org.efficienttrain.app.chart;
