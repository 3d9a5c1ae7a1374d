/**
 * Data-parallel training: processes with the same network that share every batch.
 *
 * <p>{@link org.efficienttrain.tensor.distributed.Ranks} reads the environment variables that
 * torchrun, Kubernetes and scripts around {@code srun} set; {@link
 * org.efficienttrain.tensor.distributed.Collective} is what a training loop calls: average
 * gradients, sum numbers, broadcast tensors. Underneath is c10d, the engine of PyTorch's
 * DistributedDataParallel: a TCPStore to meet, Gloo on the CPU, NCCL on GPUs, and its Reducer for
 * gradients. A heartbeat through the store finds ranks that have died and gives them a name.
 *
 * <p>Nothing here knows a recipe, a dataset or how processes are started.
 */
package org.efficienttrain.tensor.distributed;
