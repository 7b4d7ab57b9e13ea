package io.modelcontrol.model;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A bundle of OpenSSF Model Signing 1.0, taken apart and not yet believed: a DSSE envelope with one
 * signature, and what its signer says the signature is to be checked with.
 *
 * @param certificates of the signer and, after it, of those who have signed it, as DER; empty in
 *     the key form
 * @param payload the bytes that are signed
 * @param signature of the payload in DSSE's encoding
 */
record SignatureBundle(List<byte[]> certificates, byte[] payload, byte[] signature) {
  /** Base64 in JSON, of at most a few hundred files. */
  static final int MAX_BYTES = 64 * 1024;

  static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";

  private static final int MAX_CERTIFICATES = 8;

  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "application/vnd\\.dev\\.sigstore\\.bundle"
              + "(\\.v0\\.3\\+json|\\+json;version=0\\.[123])");

  /**
   * Takes a bundle apart.
   *
   * @throws McpException MODEL_REJECTED if it has another form
   */
  static SignatureBundle parse(String text) {
    if (text.length() > MAX_BYTES) {
      throw rejected("the bundle has more than " + MAX_BYTES + " bytes");
    }
    try {
      Map<String, Object> bundle = StrictJson.object(text);
      if (!MEDIA_TYPE.matcher(string(bundle, "mediaType")).matches()) {
        throw rejected("mediaType is not that of a sigstore bundle");
      }
      Map<String, Object> envelope = object(bundle, "dsseEnvelope");
      if (!string(envelope, "payloadType").equals(PAYLOAD_TYPE)) {
        throw rejected("payloadType is not " + PAYLOAD_TYPE);
      }
      List<Object> signatures = array(envelope, "signatures");
      if (signatures.size() != 1) {
        throw rejected("one signature was expected, came " + signatures.size());
      }
      return new SignatureBundle(
          certificates(object(bundle, "verificationMaterial")),
          bytes(envelope, "payload"),
          bytes(asObject(signatures.get(0), "signatures"), "sig"));
    } catch (IllegalArgumentException e) {
      throw rejected("the bundle is not what it should be: " + e.getMessage());
    }
  }

  private static List<byte[]> certificates(Map<String, Object> material) {
    boolean key = material.containsKey("publicKey");
    boolean chain = material.containsKey("x509CertificateChain");
    if (material.containsKey("certificate") || key == chain) {
      throw rejected("verificationMaterial must have publicKey or x509CertificateChain");
    }
    if (key) {
      // Which key it is, is the operator's word, not the signer's.
      object(material, "publicKey");
      return List.of();
    }
    List<Object> given = array(object(material, "x509CertificateChain"), "certificates");
    if (given.isEmpty() || given.size() > MAX_CERTIFICATES) {
      throw rejected("1 to " + MAX_CERTIFICATES + " certificates were expected");
    }
    List<byte[]> certificates = new ArrayList<>();
    for (Object certificate : given) {
      certificates.add(bytes(asObject(certificate, "certificates"), "rawBytes"));
    }
    return certificates;
  }

  /** What the signature is of: DSSE's pre-authentication encoding, version 1. */
  byte[] signedBytes() {
    byte[] head =
        ("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] all = new byte[head.length + payload.length];
    System.arraycopy(head, 0, all, 0, head.length);
    System.arraycopy(payload, 0, all, head.length, payload.length);
    return all;
  }

  static McpException rejected(String why) {
    return McpException.streamError(ErrorCode.MODEL_REJECTED, "SIGNATURE: " + why);
  }

  static String string(Map<String, Object> object, String name) {
    if (object.get(name) instanceof String value) {
      return value;
    }
    throw new IllegalArgumentException(name + " must be a string");
  }

  static Map<String, Object> object(Map<String, Object> object, String name) {
    return asObject(object.get(name), name);
  }

  @SuppressWarnings("unchecked") // the reader makes no other maps
  static Map<String, Object> asObject(Object value, String name) {
    if (value instanceof Map<?, ?>) {
      return (Map<String, Object>) value;
    }
    throw new IllegalArgumentException(name + " must be an object");
  }

  @SuppressWarnings("unchecked") // the reader makes no other lists
  static List<Object> array(Map<String, Object> object, String name) {
    if (object.get(name) instanceof List<?> value) {
      return (List<Object>) value;
    }
    throw new IllegalArgumentException(name + " must be an array");
  }

  private static byte[] bytes(Map<String, Object> object, String name) {
    return Base64.getDecoder().decode(string(object, name));
  }
}
