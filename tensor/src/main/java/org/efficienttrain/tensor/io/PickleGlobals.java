package org.efficienttrain.tensor.io;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.efficienttrain.tensor.DType;
import org.efficienttrain.tensor.io.PickleValues.ElementType;

/**
 * The Python names that a weight file may mention: the whole whitelist.
 *
 * <p>A name stands for a {@link Global}, a constant that {@link PickleReader} interprets. No name
 * is ever looked up anywhere else, so none can make the JVM load or construct anything.
 */
final class PickleGlobals {
  /** What to do with a whitelisted name. */
  enum Kind {
    /** A class of storage; {@link Global#type()} tells of what. */
    STORAGE,
    /** An element type. */
    DTYPE,
    /** {@code _rebuild_tensor(storage, offset, size, stride)} and its second version. */
    REBUILD_TENSOR,
    /** {@code _rebuild_tensor_v3(.., dtype, ..)}, for types that have no class of storage. */
    REBUILD_TENSOR_V3,
    /** {@code _rebuild_parameter(tensor, ..)}. */
    REBUILD_PARAMETER,
    /** {@code _rebuild_from_type_v2(function, type, arguments, state)}. */
    REBUILD_FROM_TYPE,
    /** A dictionary, possibly from a list of pairs. */
    DICT,
    /** Dropped, whatever it is called with. */
    INERT
  }

  /** A whitelisted name; {@code type} is null except for STORAGE and DTYPE. */
  record Global(Kind kind, ElementType type) {}

  private static final ElementType BYTES = new ElementType("uint8", 1, DType.UINT8);

  private static final List<ElementType> ELEMENT_TYPES =
      List.of(
          new ElementType("float32", 4, DType.FLOAT32),
          new ElementType("float64", 8, DType.FLOAT64),
          new ElementType("float16", 2, DType.FLOAT16),
          new ElementType("bfloat16", 2, DType.BFLOAT16),
          new ElementType("int64", 8, DType.INT64),
          new ElementType("int32", 4, DType.INT32),
          new ElementType("int16", 2, DType.INT16),
          new ElementType("int8", 1, DType.INT8),
          BYTES,
          new ElementType("bool", 1, DType.BOOL),
          new ElementType("uint16", 2, null),
          new ElementType("uint32", 4, null),
          new ElementType("uint64", 8, null),
          new ElementType("complex64", 8, null),
          new ElementType("complex128", 16, null),
          new ElementType("float8_e4m3fn", 1, null),
          new ElementType("float8_e5m2", 1, null));

  /** Classes of storage, by the element type that they hold. */
  private static final Map<String, String> STORAGES =
      Map.ofEntries(
          Map.entry("FloatStorage", "float32"),
          Map.entry("DoubleStorage", "float64"),
          Map.entry("HalfStorage", "float16"),
          Map.entry("BFloat16Storage", "bfloat16"),
          Map.entry("LongStorage", "int64"),
          Map.entry("IntStorage", "int32"),
          Map.entry("ShortStorage", "int16"),
          Map.entry("CharStorage", "int8"),
          Map.entry("ByteStorage", "uint8"),
          Map.entry("BoolStorage", "bool"),
          Map.entry("ComplexFloatStorage", "complex64"),
          Map.entry("ComplexDoubleStorage", "complex128"));

  /** What training checkpoints carry besides tensors and plain values; none of it is needed. */
  private static final List<String> INERT =
      List.of(
          "argparse Namespace",
          "types SimpleNamespace",
          "pathlib Path",
          "pathlib PosixPath",
          "pathlib PurePosixPath",
          "pathlib WindowsPath",
          "pathlib PureWindowsPath",
          "builtins set",
          "builtins frozenset",
          "builtins bytearray",
          "builtins complex",
          "__builtin__ set",
          "__builtin__ frozenset",
          "__builtin__ bytearray",
          "__builtin__ complex",
          "collections Counter",
          "_codecs encode",
          "datetime datetime",
          "datetime timedelta",
          "numpy dtype",
          "numpy ndarray",
          "numpy.core.multiarray scalar",
          "numpy.core.multiarray _reconstruct",
          "numpy._core.multiarray scalar",
          "numpy._core.multiarray _reconstruct",
          "torch device",
          "torch Size",
          "torch Tensor",
          "torch.nn.parameter Parameter");

  private static final Map<String, Global> WHITELIST = whitelist();

  /** Why a TorchScript file is refused, for the end of a sentence. */
  static final String TORCHSCRIPT =
      "is a TorchScript program and not a state dictionary; "
          + "save the model's state_dict() with torch.save";

  private PickleGlobals() {}

  private static Map<String, Global> whitelist() {
    Map<String, Global> names = new HashMap<>();
    Map<String, ElementType> types = new HashMap<>();
    for (ElementType type : ELEMENT_TYPES) {
      types.put(type.torchName(), type);
      names.put("torch " + type.torchName(), new Global(Kind.DTYPE, type));
    }
    STORAGES.forEach(
        (storage, type) ->
            names.put("torch " + storage, new Global(Kind.STORAGE, types.get(type))));
    for (String module : List.of("torch ", "torch.storage ")) {
      names.put(module + "UntypedStorage", new Global(Kind.STORAGE, BYTES));
    }
    names.put("torch._utils _rebuild_tensor", new Global(Kind.REBUILD_TENSOR, null));
    names.put("torch._utils _rebuild_tensor_v2", new Global(Kind.REBUILD_TENSOR, null));
    names.put("torch._utils _rebuild_tensor_v3", new Global(Kind.REBUILD_TENSOR_V3, null));
    names.put("torch._utils _rebuild_parameter", new Global(Kind.REBUILD_PARAMETER, null));
    names.put(
        "torch._utils _rebuild_parameter_with_state", new Global(Kind.REBUILD_PARAMETER, null));
    names.put("torch._tensor _rebuild_from_type_v2", new Global(Kind.REBUILD_FROM_TYPE, null));
    names.put("collections OrderedDict", new Global(Kind.DICT, null));
    names.put("collections defaultdict", new Global(Kind.DICT, null));
    for (String name : List.of("dict", "int", "float", "list")) {
      // Factories of a defaultdict.
      names.put("builtins " + name, new Global(Kind.INERT, null));
      names.put("__builtin__ " + name, new Global(Kind.INERT, null));
    }
    INERT.forEach(name -> names.put(name, new Global(Kind.INERT, null)));
    return Map.copyOf(names);
  }

  /** The whitelisted name, or null if it is not on the list. */
  static Global find(String module, String name) {
    return WHITELIST.get(module + " " + name);
  }

  /** Why a name that is not on the list is refused, for the end of a sentence. */
  static String refusal(String module, String name) {
    String qualified = module + "." + name;
    if (module.toLowerCase(Locale.ROOT).startsWith("__torch__")) {
      return TORCHSCRIPT;
    }
    return "mentions the Python object "
        + Faults.quote(qualified)
        + ", which weights do not need and which is not run; save only the state_dict() of the model";
  }
}
