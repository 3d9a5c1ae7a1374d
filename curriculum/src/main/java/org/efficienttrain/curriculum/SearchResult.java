package org.efficienttrain.curriculum;

/**
 * What a search found.
 *
 * @param curriculum the curriculum
 * @param accuracy validation accuracy of a full run with it, 0 to 1
 */
public record SearchResult(Curriculum curriculum, double accuracy) {}
