/**
 * Where labelled images come from: class folders, tar archives, the archives of ImageNet and CIFAR,
 * packed files, and the embedded quickstart set; and what prepares them: fetching, packing and
 * inspecting.
 *
 * <p>{@link org.efficienttrain.images.dataset.Datasets} opens any of them by looking at a path: it
 * has a list of {@code Form}s, each of which recognises a place and opens it as a {@code
 * SampleTable} (names, labels, places) and a {@code SampleStore} (how to read a place); nothing
 * else differs between forms. Labels may be missing where the caller allows it. Files are hostile
 * until they are parsed within limits, and nothing is written outside the folder that a caller
 * named or the cache folder.
 */
package org.efficienttrain.images.dataset;
