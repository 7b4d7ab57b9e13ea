package io.modelcontrol.cli;

import io.modelcontrol.Tensor;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a .npy file: a Python dictionary in text, such as {@code {'descr': '<f4',
 * 'fortran_order': False, 'shape': (3, 4), }}.
 *
 * @param descr byte order, kind and bytes of an element
 * @param fortran whether the first dimension varies fastest
 * @param shape the dimensions; empty for a scalar
 */
record NpyHeader(String descr, boolean fortran, long[] shape) {
  /** Bytes of a header: far more than 64 dimensions need. */
  static final int MAX_BYTES = 64 * 1024;

  private static final int ALIGNMENT = 64;
  private static final Pattern DICTIONARY = Pattern.compile("\\s*\\{.*\\}\\s*", Pattern.DOTALL);
  private static final Pattern DESCR =
      Pattern.compile("['\"]descr['\"]\\s*:\\s*['\"]([^'\"]*)['\"]");
  private static final Pattern ORDER =
      Pattern.compile("['\"]fortran_order['\"]\\s*:\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("['\"]shape['\"]\\s*:\\s*\\(([^()]*)\\)");

  static NpyHeader parse(String text) {
    if (!DICTIONARY.matcher(text).matches()) {
      throw BadInput.of("the .npy header is no dictionary");
    }
    String descr = find(DESCR, text, "a plain 'descr' (structured arrays are not supported)");
    boolean fortran = find(ORDER, text, "'fortran_order'").equals("True");
    return new NpyHeader(descr, fortran, parseShape(find(SHAPE, text, "'shape'")));
  }

  private static String find(Pattern pattern, String text, String what) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw BadInput.of("the .npy header lacks " + what);
    }
    return matcher.group(1);
  }

  @SuppressWarnings("StringSplitter") // a comma at the end is how Python writes one dimension
  private static long[] parseShape(String text) {
    String trimmed = text.trim();
    if (trimmed.isEmpty()) {
      return new long[0];
    }
    // A tuple of one element ends with a comma.
    String list = trimmed.endsWith(",") ? trimmed.substring(0, trimmed.length() - 1) : trimmed;
    String[] parts = list.split(",", Tensor.MAX_RANK + 2);
    if (parts.length > Tensor.MAX_RANK) {
      throw BadInput.of("the .npy array has a rank above " + Tensor.MAX_RANK);
    }
    long[] shape = new long[parts.length];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = parseDimension(parts[i].trim());
    }
    return shape;
  }

  private static long parseDimension(String text) {
    // Python 2 wrote its long integers with a trailing L.
    String digits = text.endsWith("L") ? text.substring(0, text.length() - 1) : text;
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw BadInput.of(
          "the .npy header has the dimension '" + text + "', expected a whole number");
    }
  }

  /** The whole beginning of a version 1.0 file, padded so that the data is aligned. */
  byte[] toBytes() {
    StringBuilder dimensions = new StringBuilder();
    for (long dimension : shape) {
      dimensions.append(dimension).append(", ");
    }
    if (shape.length > 1) {
      dimensions.setLength(dimensions.length() - 2);
    } else if (shape.length == 1) {
      dimensions.setLength(dimensions.length() - 1);
    }
    StringBuilder text = new StringBuilder("{'descr': '" + descr + "', 'fortran_order': ");
    text.append(fortran ? "True" : "False")
        .append(", 'shape': (")
        .append(dimensions)
        .append("), }");
    while ((NpyFile.PREAMBLE + text.length() + 1) % ALIGNMENT != 0) {
      text.append(' ');
    }
    text.append('\n');
    byte[] bytes = new byte[NpyFile.PREAMBLE + text.length()];
    System.arraycopy(NpyFile.magic(), 0, bytes, 0, NpyFile.MAGIC_BYTES);
    bytes[NpyFile.MAGIC_BYTES] = 1;
    bytes[NpyFile.PREAMBLE - 2] = (byte) text.length();
    bytes[NpyFile.PREAMBLE - 1] = (byte) (text.length() >>> 8);
    byte[] ascii = text.toString().getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(ascii, 0, bytes, NpyFile.PREAMBLE, ascii.length);
    return bytes;
  }
}
