package org.efficienttrain.tensor.io;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.Unpickler;
import org.efficienttrain.tensor.TensorException;
import org.efficienttrain.tensor.io.PickleGlobals.Global;
import org.efficienttrain.tensor.io.PickleGlobals.Kind;
import org.efficienttrain.tensor.io.PickleValues.Dict;
import org.efficienttrain.tensor.io.PickleValues.ElementType;
import org.efficienttrain.tensor.io.PickleValues.Inert;
import org.efficienttrain.tensor.io.PickleValues.StorageRef;
import org.efficienttrain.tensor.io.PickleValues.TensorRef;

/**
 * Reads a pickle that describes weights, and nothing else.
 *
 * <p>The library keeps the stack and decodes numbers. Every opcode that names, calls or builds an
 * object is handled here and never reaches the library, whose registry of constructors is therefore
 * out of reach; so is every opcode that allocates by a length in the file. Opcodes that no version
 * of PyTorch writes are refused.
 *
 * <p>Memory: at most about 100 bytes for each byte of pickle, and at most {@link #MAX_OPERATIONS}
 * small objects.
 */
final class PickleReader extends Unpickler {
  /** A tensor costs about 40 operations, so this is enough for 100,000 of them. */
  private static final int MAX_OPERATIONS = 4_000_000;

  private static final int MAX_GLOBAL_NAME = 256;

  private final Path path;
  private final PickleInput source;
  private final Map<String, StorageRef> storages = new LinkedHashMap<>();
  private int operations;

  private PickleReader(Path path, PickleInput source) {
    this.path = path;
    this.source = source;
  }

  /**
   * What a pickle holds.
   *
   * @param value the value that it describes
   * @param storages every storage that it refers to, by key
   */
  record Pickled(Object value, Map<String, StorageRef> storages) {}

  /**
   * Reads one pickle, up to and including its STOP, and leaves the input behind it.
   *
   * @throws TensorException if the pickle is damaged or mentions anything outside the whitelist
   */
  static Pickled read(Path path, PickleInput source) {
    PickleReader reader = new PickleReader(path, source);
    try {
      return new Pickled(reader.load(source), reader.storages);
    } catch (IOException e) {
      // The input is in memory, so the only way to fail is to want more than there is.
      throw reader.damaged("it ends early");
    } catch (TensorException e) {
      throw e;
    } catch (RuntimeException e) {
      // The library reports an empty stack or an operand of the wrong kind in many ways.
      throw reader.damaged("operation " + reader.operations + " does not fit those before it");
    }
  }

  private TensorException damaged(String why) {
    return Faults.damaged(path, "its pickle is wrong (" + why + ")");
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    spend(1);
    switch (opcode) {
      case Opcodes.GLOBAL -> stack.add(global(source.readLine(), source.readLine()));
      case Opcodes.STACK_GLOBAL -> {
        Object name = stack.pop();
        stack.add(global(text(stack.pop()), text(name)));
      }
      case Opcodes.REDUCE -> {
        Object arguments = stack.pop();
        stack.add(call(stack.pop(), tuple(arguments)));
      }
      case Opcodes.NEWOBJ -> {
        Object arguments = stack.pop();
        stack.add(instantiate(stack.pop(), tuple(arguments)));
      }
      case Opcodes.BINPERSID -> stack.add(storageReference(stack.pop()));
      case Opcodes.BUILD -> build();
      case Opcodes.EMPTY_DICT -> stack.add(new Dict());
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        Object key = stack.pop();
        assign(Arrays.asList(key, value));
      }
      case Opcodes.SETITEMS -> assign(stack.pop_all_since_marker());
      case Opcodes.EMPTY_SET -> stack.add(Inert.INSTANCE);
      case Opcodes.ADDITEMS -> stack.pop_all_since_marker();
      case Opcodes.FROZENSET -> {
        stack.pop_all_since_marker();
        stack.add(Inert.INSTANCE);
      }
      case Opcodes.LONG1 -> stack.add(source.readNumber());
      case Opcodes.SHORT_BINUNICODE, Opcodes.SHORT_BINSTRING ->
          stack.add(source.readText(source.readLength()));
      case Opcodes.SHORT_BINBYTES -> skipBytes(source.readLength());
      case Opcodes.BINUNICODE, Opcodes.BINSTRING -> stack.add(source.readText(source.readInt()));
      case Opcodes.BINUNICODE8 -> stack.add(source.readText(source.readLong()));
      case Opcodes.BINBYTES -> skipBytes(source.readInt());
      case Opcodes.BINBYTES8, Opcodes.BYTEARRAY8 -> skipBytes(source.readLong());
      default -> {
        return passOn(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  /** Counts work done, so that a value used over and over cannot grow without limit. */
  private void spend(int count) {
    operations += count;
    if (operations > MAX_OPERATIONS) {
      throw Faults.refused(
          path, "has a pickle of over " + MAX_OPERATIONS + " operations, more than weights need");
    }
  }

  /** Leaves to the library what allocates no more than a few bytes and constructs nothing. */
  private Object passOn(short opcode) throws IOException {
    return switch (opcode) {
      case Opcodes.PROTO,
          Opcodes.FRAME,
          Opcodes.STOP,
          Opcodes.MARK,
          Opcodes.POP,
          Opcodes.POP_MARK,
          Opcodes.NONE,
          Opcodes.NEWTRUE,
          Opcodes.NEWFALSE,
          Opcodes.BININT,
          Opcodes.BININT1,
          Opcodes.BININT2,
          Opcodes.LONG1,
          Opcodes.BINFLOAT,
          Opcodes.EMPTY_TUPLE,
          Opcodes.TUPLE,
          Opcodes.TUPLE1,
          Opcodes.TUPLE2,
          Opcodes.TUPLE3,
          Opcodes.EMPTY_LIST,
          Opcodes.APPEND,
          Opcodes.APPENDS,
          Opcodes.BINGET,
          Opcodes.LONG_BINGET,
          Opcodes.BINPUT,
          Opcodes.LONG_BINPUT,
          Opcodes.MEMOIZE ->
          super.dispatch(opcode);
      default -> throw damaged(String.format("operation 0x%02x has no place in weights", opcode));
    };
  }

  private Global global(String module, String name) {
    if (module.length() > MAX_GLOBAL_NAME || name.length() > MAX_GLOBAL_NAME) {
      throw damaged("a Python name is too long");
    }
    Global global = PickleGlobals.find(module, name);
    if (global == null) {
      throw Faults.refused(path, PickleGlobals.refusal(module, name));
    }
    return global;
  }

  /** The value of calling a whitelisted function or class. */
  private Object call(Object callee, Object[] arguments) {
    if (!(callee instanceof Global global)) {
      throw damaged("it calls what is no function");
    }
    return switch (global.kind()) {
      case REBUILD_TENSOR -> tensor(arguments, storage(arguments[0]).type());
      case REBUILD_TENSOR_V3 -> tensor(arguments, dtype(arguments[6]));
      case REBUILD_PARAMETER -> arguments[0];
      case REBUILD_FROM_TYPE -> rebuildFromType(arguments);
      case DICT -> dictionary(arguments);
      case INERT -> Inert.INSTANCE;
      case STORAGE, DTYPE -> throw damaged("it calls a type");
    };
  }

  /** A tensor with attributes of its own; the function may not be this one again. */
  private Object rebuildFromType(Object[] arguments) {
    if (arguments[0] instanceof Global global && global.kind() != Kind.REBUILD_FROM_TYPE) {
      return call(global, tuple(arguments[2]));
    }
    throw damaged("a tensor is made by what is no function");
  }

  private Object instantiate(Object type, Object[] arguments) {
    if (type instanceof Global global
        && (global.kind() == Kind.DICT || global.kind() == Kind.INERT)) {
      return call(global, arguments);
    }
    throw damaged("it makes an instance of what is no class");
  }

  /** A dictionary, empty or from a list of pairs as Python 2 wrote them. */
  private Dict dictionary(Object[] arguments) {
    Dict dict = new Dict();
    if (arguments.length > 0 && arguments[0] instanceof List<?> pairs) {
      spend(pairs.size());
      for (Object pair : pairs) {
        if (pair instanceof List<?> list) {
          dict.put(list.get(0), list.get(1));
        } else {
          dict.put(tuple(pair)[0], tuple(pair)[1]);
        }
      }
    }
    return dict;
  }

  private TensorRef tensor(Object[] arguments, ElementType type) {
    return new TensorRef(
        storage(arguments[0]),
        type,
        integer(arguments[1]),
        sizes(arguments[2]),
        sizes(arguments[3]));
  }

  /** Sets the attributes of an object. None that weights need has any that matter. */
  private void build() {
    stack.pop();
    Object target = stack.peek();
    if (!(target instanceof Inert || target instanceof Dict || target instanceof TensorRef)) {
      throw damaged("it sets attributes of what has none");
    }
  }

  private void assign(List<Object> keysAndValues) {
    Object target = stack.peek();
    if (target instanceof Inert) {
      return;
    }
    if (!(target instanceof Dict dict) || keysAndValues.size() % 2 != 0) {
      throw damaged("it assigns to what is no dictionary");
    }
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      dict.put(keysAndValues.get(i), keysAndValues.get(i + 1));
    }
  }

  /** A reference to a storage: {@code ("storage", class, key, device, elements, ..)}. */
  private StorageRef storageReference(Object id) {
    Object[] parts = tuple(id);
    if (parts.length < 5
        || !"storage".equals(parts[0])
        || !(parts[1] instanceof Global global)
        || global.kind() != Kind.STORAGE) {
      throw damaged("it refers to what is no storage");
    }
    if (parts.length > 5 && parts[5] != null) {
      throw Faults.refused(
          path, "has storages inside storages, as PyTorch before 0.4 wrote; save it again");
    }
    long elements = integer(parts[4]);
    if (elements < 0) {
      throw damaged("a storage has a negative size");
    }
    StorageRef storage = new StorageRef(global.type(), text(parts[2]), elements);
    StorageRef known = storages.putIfAbsent(storage.key(), storage);
    return known == null || !known.equals(storage) ? storage : known;
  }

  private void skipBytes(long size) throws IOException {
    source.skipFully(size);
    stack.add(Inert.INSTANCE);
  }

  private StorageRef storage(Object value) {
    if (value instanceof StorageRef storage) {
      return storage;
    }
    throw damaged("a tensor has no storage");
  }

  private ElementType dtype(Object value) {
    if (value instanceof Global global && global.kind() == Kind.DTYPE) {
      return global.type();
    }
    throw damaged("a tensor has no type");
  }

  private Object[] tuple(Object value) {
    if (value instanceof Object[] tuple) {
      return tuple;
    }
    throw damaged("a tuple is expected");
  }

  private String text(Object value) {
    if (value instanceof String text) {
      return text;
    }
    throw damaged("a text is expected");
  }

  private List<Long> sizes(Object value) {
    Object[] tuple = tuple(value);
    if (tuple.length > TensorInfo.MAX_RANK) {
      throw damaged("a tensor has too many dimensions");
    }
    spend(tuple.length);
    List<Long> sizes = new ArrayList<>(tuple.length);
    for (Object size : tuple) {
      sizes.add(integer(size));
    }
    return List.copyOf(sizes);
  }

  private long integer(Object value) {
    if (value instanceof Integer || value instanceof Long) {
      return ((Number) value).longValue();
    }
    throw damaged(
        value instanceof BigInteger ? "a number is too large" : "a whole number is expected");
  }
}
