package org.efficienttrain.tensor;

/**
 * Element type of a tensor.
 *
 * <p>Names of PyTorch; {@link #safetensorsName()} gives the name that the safetensors format uses
 * for the same type.
 */
public enum DType {
  FLOAT32(4, "F32"),
  FLOAT64(8, "F64"),
  /** IEEE 754 half precision. */
  FLOAT16(2, "F16"),
  /** The upper 16 bits of a {@link #FLOAT32}. */
  BFLOAT16(2, "BF16"),
  INT64(8, "I64"),
  INT32(4, "I32"),
  INT16(2, "I16"),
  INT8(1, "I8"),
  UINT8(1, "U8"),
  /** One byte per element, 0 or 1. */
  BOOL(1, "BOOL");

  private final int bytes;
  private final String safetensorsName;

  DType(int bytes, String safetensorsName) {
    this.bytes = bytes;
    this.safetensorsName = safetensorsName;
  }

  /** Size of one element, in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Name of this type in a safetensors header, such as {@code "F32"}. */
  public String safetensorsName() {
    return safetensorsName;
  }

  /** True for the types that can carry a gradient. */
  public boolean isFloatingPoint() {
    return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
  }
}
