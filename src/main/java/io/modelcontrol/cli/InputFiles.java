package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Turns {@code --input name=FILE} into a tensor: NumPy, PNG and JPEG by content, else JSON. */
final class InputFiles {
  private InputFiles() {}

  /**
   * Reads one input. Where the model has but one, the name may be left out.
   *
   * @throws UsageException if the file cannot be read, or does not hold what the input takes
   */
  static Tensor read(ModelDescriptor model, String argument) {
    int equals = argument.indexOf('=');
    boolean named = equals > 0 && has(model, argument.substring(0, equals));
    if (!named && model.inputs().size() != 1) {
      throw new UsageException(
          "--input " + argument + " must be NAME=FILE, where NAME is one of " + names(model));
    }
    TensorSpec spec = named ? spec(model, argument.substring(0, equals)) : model.inputs().get(0);
    return parse(spec, argument, bytes(Path.of(named ? argument.substring(equals + 1) : argument)));
  }

  private static boolean has(ModelDescriptor model, String name) {
    return model.inputs().stream().anyMatch(input -> input.name().equals(name));
  }

  private static TensorSpec spec(ModelDescriptor model, String name) {
    return model.inputs().stream()
        .filter(input -> input.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static String names(ModelDescriptor model) {
    return String.join(", ", model.inputs().stream().map(TensorSpec::name).toList());
  }

  private static Tensor parse(TensorSpec spec, String argument, byte[] file) {
    try {
      if (NpyFile.recognizes(file)) {
        return NpyFile.read(spec.name(), file);
      }
      if (ImageFile.recognizes(file)) {
        return ImageFile.read(spec.name(), file);
      }
      return JsonTensors.parse(spec, new String(file, StandardCharsets.UTF_8));
    } catch (McpException e) {
      throw new UsageException("--input " + argument + ": " + e.getMessage(), e);
    }
  }

  /**
   * All of a file.
   *
   * @throws UsageException if it cannot be read
   */
  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UsageException("file " + file + " is missing or cannot be read", e);
    }
  }
}
