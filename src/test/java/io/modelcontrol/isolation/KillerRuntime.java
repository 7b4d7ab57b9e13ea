package io.modelcontrol.isolation;

import io.modelcontrol.DataType;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.modelcontrol.runtime.LoadedModel;
import io.modelcontrol.runtime.ModelRuntime;
import io.modelcontrol.runtime.RunControl;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * A runtime whose models end their process, in the way that a request names by its number. Tests
 * only: what ONNX models can do is done with ONNX models, this is what native code can do.
 */
public final class KillerRuntime implements ModelRuntime {
  /** What a request asks for; the constant's name is the element of the input. */
  public enum Deed {
    /** Answers. */
    NOTHING,
    /** Writes to address 0, as native code with an error does. */
    CRASH,
    /** Leaves, without a word. */
    EXIT,
    /** Fills the heap of Java. */
    FILL_HEAP,
    /** Asks the heap of Java for more than there is, once. */
    ASK_HEAP,
    /** Takes native memory and uses it. */
    FILL_MEMORY,
    /** Runs for ever, and does not listen. */
    NEVER_END,
    /** Prints what would fill a pipe. */
    SHOUT,
    /** Tells its environment and its working directory. */
    LOOK
  }

  private static final String MAGIC = "KILLER ";
  private static final int PIECE_BYTES = 16 * 1024 * 1024;
  private static final int SHOUTED_LINES = 10_000;

  /** A model; different names make different digests. */
  public static byte[] model(String name) {
    return (MAGIC + name).getBytes(StandardCharsets.UTF_8);
  }

  /** The input that asks for a deed. */
  public static Tensor input(Deed deed) {
    return Tensor.of("deed", new String[] {deed.name()});
  }

  /** Writes a jar that adds this runtime to a node. */
  public static Path jar(Path file) throws IOException {
    try (JarOutputStream jar = new JarOutputStream(Files.newOutputStream(file))) {
      jar.putNextEntry(new JarEntry("META-INF/services/" + ModelRuntime.class.getName()));
      jar.write(KillerRuntime.class.getName().getBytes(StandardCharsets.UTF_8));
      // The last one is the compiler's, for the switch.
      for (String each : List.of("", "$Killer", "$Deed", "$1")) {
        String name = KillerRuntime.class.getName().replace('.', '/') + each + ".class";
        jar.putNextEntry(new JarEntry(name));
        try (InputStream in = KillerRuntime.class.getClassLoader().getResourceAsStream(name)) {
          in.transferTo(jar);
        }
      }
    }
    return file;
  }

  @Override
  public String name() {
    return "killer";
  }

  @Override
  public boolean recognizes(byte[] head) {
    return new String(head, StandardCharsets.UTF_8).startsWith(MAGIC);
  }

  @Override
  public LoadedModel load(Path content, Map<String, String> parameters) {
    if (parameters.containsKey("die-at-load")) {
      Runtime.getRuntime().halt(7);
    }
    return new Killer();
  }

  private static final class Killer implements LoadedModel {
    @Override
    public List<TensorSpec> inputs() {
      return List.of(new TensorSpec("deed", DataType.STRING, new long[] {1}));
    }

    @Override
    public List<TensorSpec> outputs() {
      return List.of(new TensorSpec("said", DataType.STRING, new long[] {1}));
    }

    @Override
    public List<Tensor> infer(List<Tensor> inputs, List<String> outputs, RunControl control) {
      String asked = inputs.get(0).toStrings().get(0);
      Deed deed = asked.isEmpty() ? Deed.NOTHING : Deed.valueOf(asked);
      return List.of(Tensor.of("said", new String[] {done(deed)}));
    }

    private static String done(Deed deed) {
      switch (deed) {
        case CRASH -> unsafe("putLong", 0L, 1L);
        case EXIT -> Runtime.getRuntime().halt(3);
        case FILL_HEAP -> fillHeap();
        case ASK_HEAP -> {
          return Arrays.toString(new long[Integer.MAX_VALUE]);
        }
        case FILL_MEMORY -> fillMemory();
        case NEVER_END -> neverEnd();
        case SHOUT -> shout();
        case LOOK -> {
          return look();
        }
        default -> {
          // It lives.
        }
      }
      return deed.name().toLowerCase(Locale.ROOT);
    }

    private static void fillHeap() {
      byte[] longer = new byte[PIECE_BYTES];
      while (true) {
        longer = Arrays.copyOf(longer, longer.length + PIECE_BYTES);
      }
    }

    private static void fillMemory() {
      while (true) {
        Object piece = unsafe("allocateMemory", (long) PIECE_BYTES);
        unsafe("setMemory", piece, (long) PIECE_BYTES, (byte) 1);
      }
    }

    private static void neverEnd() {
      long turns = 0;
      while (turns >= 0) {
        turns = (turns + 1) & Long.MAX_VALUE;
      }
    }

    private static void shout() {
      byte[] line =
          "I am a model, and nobody reads it. \u001b[31m\n".getBytes(StandardCharsets.UTF_8);
      try (OutputStream out = new FileOutputStream(FileDescriptor.err)) {
        for (int i = 0; i < SHOUTED_LINES; i++) {
          out.write(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static String look() {
      File[] files = new File("").getAbsoluteFile().listFiles();
      return new TreeMap<>(System.getenv()).keySet() + " " + (files == null ? -1 : files.length);
    }

    /** By reflection, because compilers warn of it. */
    private static Object unsafe(String method, Object... arguments) {
      try {
        Class<?> type = Class.forName("sun.misc.Unsafe");
        Field field = type.getDeclaredField("theUnsafe");
        field.setAccessible(true);
        Class<?>[] types =
            Arrays.stream(arguments)
                .map(argument -> argument instanceof Byte ? byte.class : long.class)
                .toArray(Class<?>[]::new);
        return type.getMethod(method, types).invoke(field.get(null), arguments);
      } catch (ReflectiveOperationException e) {
        throw new LinkageError("no Unsafe here", e);
      }
    }

    @Override
    public void close() {}
  }
}
