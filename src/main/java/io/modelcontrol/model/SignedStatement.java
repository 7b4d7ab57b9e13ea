package io.modelcontrol.model;

import io.modelcontrol.Digest;
import io.modelcontrol.McpException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What a signer has said of which contents: an in-toto statement of Model Signing 1.0. */
final class SignedStatement {
  private static final String TYPE = "https://in-toto.io/Statement/v1";
  private static final String PREDICATE_TYPE = "https://model_signing/signature/v1.0";
  private static final String ALGORITHM = "sha256";

  private SignedStatement() {}

  /**
   * Checks that a statement names a content.
   *
   * @param payload whose signature is good
   * @throws McpException MODEL_REJECTED if it has another form, or if not exactly one of its
   *     resources has the content's SHA-256
   */
  static void requireContent(byte[] payload, Digest digest) {
    List<Object> resources;
    try {
      resources = resources(StrictJson.object(utf8(payload)));
      long named =
          resources.stream()
              .map(resource -> SignatureBundle.asObject(resource, "resources"))
              .filter(resource -> names(resource, digest))
              .count();
      if (named != 1) {
        throw SignatureBundle.rejected(
            "of "
                + resources.size()
                + " files that are signed, "
                + named
                + " have the digest of the content, 1 must");
      }
    } catch (IllegalArgumentException e) {
      throw SignatureBundle.rejected("the statement is not what it should be: " + e.getMessage());
    }
  }

  private static List<Object> resources(Map<String, Object> statement) {
    require(statement, "_type", TYPE);
    require(statement, "predicateType", PREDICATE_TYPE);
    Map<String, Object> predicate = SignatureBundle.object(statement, "predicate");
    Map<String, Object> serialization = SignatureBundle.object(predicate, "serialization");
    require(serialization, "method", "files");
    require(serialization, "hash_type", ALGORITHM);
    return SignatureBundle.array(predicate, "resources");
  }

  private static void require(Map<String, Object> object, String name, String value) {
    if (!SignatureBundle.string(object, name).equals(value)) {
      throw new IllegalArgumentException(name + " must be " + value);
    }
  }

  private static boolean names(Map<String, Object> resource, Digest digest) {
    SignatureBundle.string(resource, "name");
    return SignatureBundle.string(resource, "algorithm").equals(ALGORITHM)
        && SignatureBundle.string(resource, "digest").equals(digest.hex());
  }

  private static String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("it is not UTF-8", e);
    }
  }
}
