package io.modelcontrol.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Draws the picture of the architecture that the README and the guide show. Its {@link #main}
 * writes the file; a test compares the two.
 */
final class ArchitectureDiagram {
  static final Path FILE = Path.of("src/main/asciidoc/images/architecture.svg");

  private static final int WIDTH = 980;
  private static final int HEIGHT = 520;
  private static final int LINE = 17;

  private static final String PLAIN = "#ffffff";
  private static final String LOOP = "#e3f0fb";
  private static final String BUS = "#fdf1d8";
  private static final String WORK = "#e6f5e6";
  private static final String FRAME = "#f7f7f7";

  private final StringBuilder svg = new StringBuilder();

  private ArchitectureDiagram() {}

  /** Writes the file. */
  public static void main(String[] args) throws IOException {
    Files.writeString(FILE, draw());
  }

  /** The whole picture. */
  static String draw() {
    ArchitectureDiagram diagram = new ArchitectureDiagram();
    diagram.open();
    diagram.clients();
    diagram.sessions();
    diagram.models();
    diagram.arrows();
    return diagram.svg.append("</svg>\n").toString();
  }

  private void open() {
    line(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-size=\"13\""
            + " font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">",
        WIDTH, HEIGHT);
    line("<title>Architecture of vertx-model-control</title>");
    line("<defs><marker id=\"to\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8\" refY=\"4\"");
    line("orient=\"auto\"><path d=\"M0 0L9 4L0 8z\" fill=\"#444\"/></marker></defs>");
    line("<rect width=\"%d\" height=\"%d\" fill=\"%s\"/>", WIDTH, HEIGHT, PLAIN);
  }

  private void clients() {
    box(20, 70, 170, PLAIN, "McpClient", "Java, Vert.x futures");
    box(20, 170, 170, PLAIN, "modelctl", "the command line");
    box(20, 270, 170, PLAIN, "any language", "from the specification:", "examples/python");
  }

  private void sessions() {
    frame(260, 30, 300, 470, "session node: event loops");
    box(
        280,
        70,
        260,
        LOOP,
        "session verticle",
        "one for each connection,",
        "on the loop of its socket");
    box(
        280,
        165,
        260,
        LOOP,
        "session",
        "states, streams, credit, keepalive",
        "pure: no I/O, clock, thread");
    box(280, 260, 260, LOOP, "wire", "frames, fields, tensors;", "slices of the read buffer");
    box(
        280,
        355,
        260,
        LOOP,
        "server, serving",
        "dispatch by message type,",
        "deadlines, cancel, typed errors");
    text(410, 470, "role session", "middle", "normal");
  }

  private void models() {
    box(
        590,
        30,
        90,
        470,
        BUS,
        "event bus",
        "by reference",
        "in one",
        "process,",
        "",
        "wire bytes",
        "between",
        "two");
    frame(710, 30, 250, 470, "model node: worker threads");
    box(730, 70, 210, WORK, "model host", "load, unload, list,", "versions, announcements");
    box(
        730,
        165,
        210,
        WORK,
        "model store",
        "by SHA-256, fsync, rename;",
        "scanned before a runtime");
    box(730, 260, 210, WORK, "worker verticles", "bounded queue, deadline,", "preprocess chain");
    box(730, 355, 210, WORK, "runtime SPI", "ONNX Runtime,", "reference (plain Java)");
    text(835, 470, "role model", "middle", "normal");
  }

  private void arrows() {
    arrow(190, 105, 278, 105);
    arrow(190, 205, 278, 120);
    arrow(190, 312, 278, 135);
    text(225, 60, "MCP, TCP", "middle", "bold");
    arrow(410, 142, 410, 163);
    arrow(410, 237, 410, 258);
    arrow(410, 332, 410, 353);
    arrow(540, 390, 588, 390);
    arrow(680, 105, 728, 105);
    arrow(680, 295, 728, 295);
    arrow(835, 142, 835, 163);
    arrow(835, 332, 835, 353);
  }

  private void box(int x, int y, int width, String fill, String title, String... lines) {
    box(x, y, width, 38 + LINE * Math.max(2, lines.length), fill, title, lines);
  }

  private void box(int x, int y, int width, int height, String fill, String title, String... more) {
    rectangle(x, y, width, height, fill);
    int middle = x + width / 2;
    text(middle, y + 24, title, "middle", "bold");
    for (int i = 0; i < more.length; i++) {
      text(middle, y + 24 + LINE * (i + 1), more[i], "middle", "normal");
    }
  }

  private void frame(int x, int y, int width, int height, String title) {
    rectangle(x, y, width, height, FRAME);
    text(x + width / 2, y + 24, title, "middle", "bold");
  }

  private void rectangle(int x, int y, int width, int height, String fill) {
    line(
        "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"%s\" stroke=\"#444\"/>",
        x, y, width, height, fill);
  }

  private void text(int x, int y, String text, String anchor, String weight) {
    if (!text.isEmpty()) {
      line(
          "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\" font-weight=\"%s\" fill=\"#222\">%s</text>",
          x, y, anchor, weight, text);
    }
  }

  private void arrow(int fromX, int fromY, int toX, int toY) {
    line(
        "<path d=\"M%d %dL%d %d\" stroke=\"#444\" stroke-width=\"1.5\" marker-end=\"url(#to)\"/>",
        fromX, fromY, toX, toY);
  }

  private void line(String format, Object... arguments) {
    svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
  }
}
