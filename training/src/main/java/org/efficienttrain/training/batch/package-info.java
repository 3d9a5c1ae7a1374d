/**
 * What happens to a batch between the image loader and the network: bytes to numbers, erasing, the
 * low-frequency crop.
 */
package org.efficienttrain.training.batch;
