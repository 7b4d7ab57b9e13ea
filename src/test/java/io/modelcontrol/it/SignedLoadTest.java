package io.modelcontrol.it;

import static io.modelcontrol.testing.TestNode.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.modelcontrol.Digest;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.Tensor;
import io.modelcontrol.client.InferenceRequest;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.modelcontrol.runtime.ModelHostOptions;
import io.modelcontrol.runtime.SignatureOptions;
import io.modelcontrol.server.McpServerOptions;
import io.modelcontrol.testing.OnnxModels;
import io.modelcontrol.testing.SignedModels;
import io.modelcontrol.testing.SignedModels.Signer;
import io.modelcontrol.testing.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that loads what is signed only, over a socket. */
class SignedLoadTest {
  private static final byte[] MODEL = OnnxModels.add(1);

  /** What the scanner would refuse, were it asked. */
  private static final byte[] NO_MODEL = {1, 2, 3};

  private static final InferenceRequest ADD =
      InferenceRequest.of("a", Tensor.of("a", new float[] {1}), Tensor.of("b", new float[] {2}));

  @TempDir private Path folder;

  @Test
  void loadsWhatIsSignedAndNothingElse() throws Exception {
    Signer signer = SignedModels.key("secp256r1");
    try (TestNode node = node(signer)) {
      McpClient client = node.client();
      refuses(client, upload("a", MODEL), "SIGNATURE: the model comes without one");
      refuses(client, upload("a", NO_MODEL), "SIGNATURE: the model comes without one");
      String strangers = SignedModels.key("secp256r1").sign(digest(MODEL)).encode();
      refuses(client, upload("a", MODEL).signature(strangers), "SIGNATURE: no trusted key");
      refuses(client, upload("a", NO_MODEL).signature(sign(signer, MODEL)), "SIGNATURE: of 1");
      assertThat(await(client.list())).isEmpty();

      ModelDescriptor loaded =
          await(client.load(upload("a", MODEL).signature(sign(signer, MODEL))));
      assertThat(loaded.parameters()).isEmpty();
      // The bundle is kept with the content.
      await(client.load(upload("b", MODEL)));
    }
    try (TestNode node = node(signer)) {
      assertThat(await(node.client().list())).hasSize(2);
    }
    try (TestNode node = node(SignedModels.key("secp256r1"))) {
      assertThat(await(node.client().list())).isEmpty();
    }
  }

  @Test
  void asksForNoContentThatItWouldRefuse() throws Exception {
    try (TestNode node = node(SignedModels.key("secp256r1"))) {
      ModelUpload upload =
          upload("a", MODEL)
              .progressHandler(
                  progress -> {
                    throw new AssertionError("content was asked for");
                  });
      refuses(node.client(), upload, "SIGNATURE: ");
    }
  }

  @Test
  void theOldVersionServesOnWhereAnUpdateIsNotSigned() throws Exception {
    Signer signer = SignedModels.key("secp384r1");
    try (TestNode node = node(signer)) {
      McpClient client = node.client();
      byte[] next = OnnxModels.addWithInitializedInput(1);
      await(client.load(upload("a", MODEL).signature(sign(signer, MODEL))));
      ModelUpload unsigned = ModelUpload.of("a", "2", next);
      assertThatExceptionOfType(McpException.class)
          .isThrownBy(() -> await(client.update(ModelUpdate.of(unsigned))))
          .withMessageContaining("SIGNATURE: ")
          .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_REJECTED));
      assertThat(await(client.list("a"))).hasSize(1);
      assertThat(await(client.infer(ADD)).first().toFloats()).containsExactly(3);

      ModelUpload signed = ModelUpload.of("a", "2", next).signature(sign(signer, next));
      assertThat(await(client.update(ModelUpdate.of(signed))).id().version()).isEqualTo("2");
    }
  }

  private TestNode node(Signer trusted) throws Exception {
    Path key = folder.resolve("key.pem");
    Files.writeString(key, trusted.publicKeyPem());
    ModelHostOptions host =
        new ModelHostOptions()
            .setStore(folder.resolve("store").toString())
            .setSignatures(new SignatureOptions().setKeyFiles(List.of(key.toString())));
    return new TestNode(host, new McpServerOptions());
  }

  private static ModelUpload upload(String name, byte[] content) {
    return ModelUpload.of(name, "1", content);
  }

  private static void refuses(McpClient client, ModelUpload upload, String why) {
    assertThatExceptionOfType(McpException.class)
        .isThrownBy(() -> await(client.load(upload)))
        .withMessageContaining(why)
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.MODEL_REJECTED));
  }

  private static String sign(Signer signer, byte[] content) throws Exception {
    return signer.sign(digest(content)).encode();
  }

  private static Digest digest(byte[] content) throws Exception {
    return Digest.of(MessageDigest.getInstance("SHA-256").digest(content));
  }
}
