/**
 * Pre-training without labels: masked autoencoders as a task, and the picture of what they make of
 * an image. Fine-tuning what comes out is classification, in {@code training.task}.
 */
package org.efficienttrain.training.pretrain;
