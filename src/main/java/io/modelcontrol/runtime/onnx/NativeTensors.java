package io.modelcontrol.runtime.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.TensorInfo;
import ai.onnxruntime.TensorInfo.OnnxTensorType;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * What the native library can do and its Java binding keeps private: tensors of the unsigned and
 * the float8 types, and a view of a tensor's memory that is not a copy. Reached by reflection,
 * therefore optional: where a later binding has moved these members, callers do without them.
 */
final class NativeTensors {
  private static final Optional<NativeTensors> INSTANCE = find();

  private final long apiHandle;
  private final Field defaultAllocator;
  private final Field allocatorHandle;
  private final Method createFromBuffer;
  private final Constructor<OnnxTensor> newTensor;
  private final Constructor<TensorInfo> newInfo;
  private final Method memory;

  private NativeTensors() throws ReflectiveOperationException {
    Class<?> binding = Class.forName("ai.onnxruntime.OnnxRuntime");
    Field handle = binding.getDeclaredField("ortApiHandle");
    handle.setAccessible(true);
    apiHandle = handle.getLong(null);
    defaultAllocator = OrtEnvironment.class.getDeclaredField("defaultAllocator");
    defaultAllocator.setAccessible(true);
    allocatorHandle = defaultAllocator.getType().getDeclaredField("handle");
    allocatorHandle.setAccessible(true);
    createFromBuffer =
        OnnxTensor.class.getDeclaredMethod(
            "createTensorFromBuffer",
            long.class,
            long.class,
            Buffer.class,
            int.class,
            long.class,
            long[].class,
            int.class);
    createFromBuffer.setAccessible(true);
    newInfo =
        TensorInfo.class.getDeclaredConstructor(
            long[].class, OnnxJavaType.class, OnnxTensorType.class);
    newInfo.setAccessible(true);
    newTensor =
        OnnxTensor.class.getDeclaredConstructor(
            long.class, long.class, TensorInfo.class, Buffer.class, boolean.class);
    newTensor.setAccessible(true);
    memory = OnnxTensor.class.getDeclaredMethod("getBuffer");
    memory.setAccessible(true);
  }

  /** Empty where this binding does not have the members. */
  static Optional<NativeTensors> instance() {
    return INSTANCE;
  }

  /**
   * A tensor of any type over a direct buffer, which it shares.
   *
   * @param data position 0; as many bytes as type and shape ask for
   */
  OnnxTensor create(OrtEnvironment environment, ByteBuffer data, long[] shape, OnnxTensorType type)
      throws OrtException {
    try {
      long allocator = allocatorHandle.getLong(defaultAllocator.get(environment));
      long bytes = data.remaining();
      Object handle =
          createFromBuffer.invoke(null, apiHandle, allocator, data, 0, bytes, shape, type.value);
      TensorInfo info = newInfo.newInstance(shape, OnnxJavaType.mapFromOnnxTensorType(type), type);
      return newTensor.newInstance(handle, allocator, info, data, false);
    } catch (ReflectiveOperationException e) {
      throw unwrapped(e);
    }
  }

  /** The tensor's memory itself, valid until the tensor is closed. */
  ByteBuffer memory(OnnxTensor tensor) throws OrtException {
    try {
      return (ByteBuffer) memory.invoke(tensor);
    } catch (ReflectiveOperationException e) {
      throw unwrapped(e);
    }
  }

  private static OrtException unwrapped(ReflectiveOperationException e) {
    Throwable cause = e instanceof InvocationTargetException ? e.getCause() : e;
    if (cause instanceof OrtException known) {
      return known;
    }
    OrtException other = new OrtException("the native tensor was not accessible");
    other.initCause(cause);
    return other;
  }

  private static Optional<NativeTensors> find() {
    try {
      return Optional.of(new NativeTensors());
    } catch (ReflectiveOperationException | RuntimeException e) {
      System.getLogger(NativeTensors.class.getName())
          .log(
              System.Logger.Level.WARNING,
              "This ONNX Runtime keeps its tensors closed: no unsigned and float8 inputs",
              e);
      return Optional.empty();
    }
  }
}
