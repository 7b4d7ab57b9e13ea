package examples;

import io.modelcontrol.ModelDescriptor;
import io.modelcontrol.client.McpClient;
import io.modelcontrol.client.ModelUpdate;
import io.modelcontrol.client.ModelUpload;
import io.vertx.core.Future;
import io.vertx.docgen.Source;
import java.nio.file.Path;

/** Replaces a model while it is used. */
@Source(translate = false)
public final class UpdateExamples {
  private UpdateExamples() {}

  /** The next version answers a tenth of the requests first, and takes over if it does well. */
  public static Future<ModelDescriptor> canary(McpClient client, Path content) {
    ModelUpdate update =
        ModelUpdate.of(ModelUpload.of("digits", "2", content))
            .canary(10)
            .trialRequests(500)
            .progressHandler(
                progress -> System.out.println(progress.state() + " " + progress.report()));
    return client.update(update).onFailure(why -> System.out.println(why.getMessage()));
  }

  /** Back to the version before. */
  public static Future<ModelDescriptor> rollback(McpClient client) {
    return client.rollback("digits");
  }
}
