package io.modelcontrol.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The suite can fail: servers that are wrong in one way each. */
class WrongServerTest {
  @FunctionalInterface
  private interface Behavior {
    void serve(InputStream in, OutputStream out) throws IOException;
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private ServerSocket server;

  @TempDir Path folder;

  private List<CaseResult> run(Behavior behavior, String... patterns) throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(() -> accept(behavior));
    List<ConformanceCase> cases =
        List.of(patterns).stream()
            .flatMap(each -> ConformanceSuite.matching(each).stream())
            .toList();
    return ConformanceSuite.run("127.0.0.1", server.getLocalPort(), cases, each -> {});
  }

  private void accept(Behavior behavior) {
    try {
      while (true) {
        Socket socket = server.accept();
        threads.execute(() -> serve(socket, behavior));
      }
    } catch (IOException e) {
      assertThat(server.isClosed()).isTrue();
    }
  }

  private static void serve(Socket socket, Behavior behavior) {
    try (socket) {
      behavior.serve(socket.getInputStream(), socket.getOutputStream());
    } catch (IOException e) {
      assertThat(socket.isClosed()).isTrue();
    }
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    threads.shutdownNow();
  }

  @Test
  void aServerThatEchoesFails() throws Exception {
    List<CaseResult> results =
        run(InputStream::transferTo, "frame/01", "frame/08", "matrix/01", "matrix/04", "auth/01");
    assertThat(results).hasSize(5).allMatch(CaseResult::isFailed);
  }

  @Test
  void aServerThatNeverClosesFails() throws Exception {
    List<CaseResult> results =
        run((in, out) -> in.transferTo(OutputStream.nullOutputStream()), "frame/01", "matrix/01");
    assertThat(results).hasSize(2).allMatch(CaseResult::isFailed);
    assertThat(results)
        .allSatisfy(each -> assertThat(each.text()).contains("nothing came in time"));
  }

  /** Right where it has to close without a reply, wrong where it has to say why. */
  @Test
  void aServerThatClosesAtOncePassesOnlyWhereItHasTo() throws Exception {
    List<CaseResult> results = run((in, out) -> in.read(), "frame/03", "matrix/02", "frame/13");
    assertThat(results).extracting(CaseResult::isFailed).containsExactly(false, true, true);
  }

  /** It has the right answers, each with one bit turned. */
  @Test
  void aServerWithWrongChecksumsFails() throws Exception {
    byte[] answer = Bytes.flipped(Bytes.goaway(0), 14);
    List<CaseResult> results =
        run(
            (in, out) -> {
              assertThat(in.read()).isPositive();
              out.write(answer);
            },
            "matrix/05");
    assertThat(results).hasSize(1).allMatch(CaseResult::isFailed);
    assertThat(results.get(0).text()).contains("CRC");
  }

  @Test
  void theReportTellsFailures() throws Exception {
    List<CaseResult> results = run((in, out) -> in.read(), "frame/03", "matrix/02");
    Path file = folder.resolve("report.xml");
    JUnitReport.write(file, results);
    assertThat(Files.readString(file))
        .contains("tests=\"2\"", "failures=\"1\"", "classname=\"conformance.matrix\"", "<failure");
  }
}
