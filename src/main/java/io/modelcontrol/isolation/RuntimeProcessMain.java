package io.modelcontrol.isolation;

import io.modelcontrol.runtime.ModelRuntimes;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The main class of a model's process. Says one byte when it listens, and ends with its standard
 * input: when the node is gone, nothing of it stays, its folder included. Argument: SOCKET. Which
 * model it is for is said by the load.
 */
public final class RuntimeProcessMain {
  /** The byte that says so: nothing else that is printed holds it before a model is loaded. */
  static final byte LISTENING = 1;

  /** Type of the application's own message that ends a run: its parameter {@link #CALL}. */
  static final int CANCEL = 0x80;

  /** Parameter of the load: the operator's settings. */
  static final String SETTINGS = "operator.settings";

  /** Parameter of the load: the path of the model's content. */
  static final String CONTENT = "operator.content";

  /** Parameter of the load: the name of what executes the model. */
  static final String RUNTIME = "operator.runtime";

  /** Parameter of the load: how many runs there are at a time. */
  static final String WORKERS = "operator.workers";

  /** Parameter that names a run for its cancel. */
  static final String CALL = "call";

  private static final Logger LOG = LoggerFactory.getLogger(RuntimeProcessMain.class);

  private RuntimeProcessMain() {}

  /** Called by the node. */
  public static void main(String[] args) throws IOException {
    if (args.length != 1) {
      LOG.error("this process is started by a node, see the option models.isolation");
      Runtime.getRuntime().halt(2);
    }
    Vertx vertx =
        Vertx.vertx(
            new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setMaxWorkerExecuteTime(1)
                .setMaxWorkerExecuteTimeUnit(TimeUnit.DAYS));
    vertx
        .deployVerticle(new ProcessVerticle(args[0], new ModelRuntimes()))
        .onSuccess(listening -> tellThatItListens())
        .onFailure(
            failure -> {
              LOG.error("this process cannot listen", failure);
              Runtime.getRuntime().halt(1);
            });
    while (System.in.read() >= 0) {
      // The node says nothing; the end of the input is what is waited for.
    }
    Jvm.delete(Path.of(args[0]).getParent());
    Runtime.getRuntime().halt(0);
  }

  private static void tellThatItListens() {
    try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
      out.write(LISTENING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
