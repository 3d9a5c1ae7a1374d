/**
 * Pictures of figures, drawn without a screen and handed out as the bytes of a PNG file; lines over
 * axes also as an SVG element of a page. They know numbers and words only, and neither networks nor
 * files.
 */
package org.efficienttrain.app.chart;
