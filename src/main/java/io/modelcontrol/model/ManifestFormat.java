package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelId;
import io.modelcontrol.model.ModelManifest.Entry;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;

/**
 * The manifest as text, one line for each version, in ASCII:
 *
 * <pre>
 * mcp-manifest 1
 * NAME VERSION SHA256 RUNTIME [!untrusted] [!retired] KEY=VALUE ...
 * end COUNT CRC32
 * </pre>
 *
 * <p>Runtime, keys and values are URL-encoded. The last line holds the number of versions and the
 * CRC-32 of all bytes before it, so that a file which was cut or edited by accident is noticed.
 */
final class ManifestFormat {
  private static final String HEAD = "mcp-manifest 1";
  private static final String END = "end";
  private static final int FIXED_WORDS = 4;

  /** No encoded word begins so. */
  private static final String UNTRUSTED = "!untrusted";

  private static final String RETIRED = "!retired";

  private ManifestFormat() {}

  static String format(List<Entry> entries) {
    StringBuilder text = new StringBuilder(HEAD).append('\n');
    for (Entry entry : entries) {
      text.append(entry.id().name()).append(' ').append(entry.id().version());
      text.append(' ').append(entry.digest().hex()).append(' ').append(encode(entry.runtime()));
      if (!entry.trusted()) {
        text.append(' ').append(UNTRUSTED);
      }
      if (entry.retired()) {
        text.append(' ').append(RETIRED);
      }
      entry
          .parameters()
          .forEach(
              (key, value) ->
                  text.append(' ').append(encode(key)).append('=').append(encode(value)));
      text.append('\n');
    }
    return text.append(end(entries.size(), text.toString())).append('\n').toString();
  }

  static List<Entry> parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int lastLine = text.lastIndexOf('\n', text.length() - 2) + 1;
    String body = text.substring(0, lastLine);
    String[] lines = body.split("\n", -1);
    if (!lines[0].equals(HEAD)) {
      throw damaged("it does not begin with '" + HEAD + "'");
    }
    int count = lines.length - 2;
    if (!text.substring(lastLine).equals(end(count, body) + "\n")) {
      throw damaged("its last line does not match the lines before it");
    }
    List<Entry> entries = new ArrayList<>();
    for (int line = 1; line <= count; line++) {
      entries.add(entry(line + 1, lines[line]));
    }
    return List.copyOf(entries);
  }

  static McpException damaged(String why) {
    return McpException.streamError(
        ErrorCode.RUNTIME_FAILURE, "the manifest of models is damaged: " + why);
  }

  private static Entry entry(int number, String line) {
    String[] words = line.split(" ", -1);
    if (words.length < FIXED_WORDS) {
      throw damaged("line " + number + " has " + words.length + " words, at least " + FIXED_WORDS);
    }
    try {
      int next = FIXED_WORDS;
      boolean untrusted = next < words.length && words[next].equals(UNTRUSTED);
      next += untrusted ? 1 : 0;
      boolean retired = next < words.length && words[next].equals(RETIRED);
      next += retired ? 1 : 0;
      Map<String, String> parameters = new TreeMap<>();
      for (int i = next; i < words.length; i++) {
        String[] parameter = words[i].split("=", 2);
        parameters.put(decode(parameter[0]), decode(parameter[1]));
      }
      ModelId id = new ModelId(words[0], words[1]);
      return new Entry(
          id, Digest.ofHex(words[2]), decode(words[3]), parameters, !untrusted, retired);
    } catch (McpException | IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
      throw damaged("line " + number + " is not an entry");
    }
  }

  private static String end(int count, String body) {
    CRC32 crc = new CRC32();
    crc.update(body.getBytes(StandardCharsets.ISO_8859_1));
    return END + " " + count + " " + String.format("%08x", crc.getValue());
  }

  private static String encode(String word) {
    return URLEncoder.encode(word, StandardCharsets.UTF_8);
  }

  private static String decode(String word) {
    return URLDecoder.decode(word, StandardCharsets.UTF_8);
  }
}
