package org.efficienttrain.tensor;

import org.bytedeco.pytorch.global.torch.ScalarType;

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

  ScalarType scalarType() {
    return switch (this) {
      case FLOAT64 -> ScalarType.Double;
      case FLOAT32 -> ScalarType.Float;
      case FLOAT16 -> ScalarType.Half;
      case BFLOAT16 -> ScalarType.BFloat16;
      case INT64 -> ScalarType.Long;
      case INT32 -> ScalarType.Int;
      case INT16 -> ScalarType.Short;
      case INT8 -> ScalarType.Char;
      case UINT8 -> ScalarType.Byte;
      case BOOL -> ScalarType.Bool;
    };
  }

  static DType of(ScalarType type) {
    return switch (type.intern()) {
      case Double -> FLOAT64;
      case Float -> FLOAT32;
      case Half -> FLOAT16;
      case BFloat16 -> BFLOAT16;
      case Long -> INT64;
      case Int -> INT32;
      case Short -> INT16;
      case Char -> INT8;
      case Byte -> UINT8;
      case Bool -> BOOL;
      default -> throw new TensorException("element type " + type.intern() + " is not supported");
    };
  }
}
