package io.modelcontrol.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.wire.Limits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two sessions, small windows, and whatever may happen: messages of any size both ways, readers
 * that pause, transports that are full, streams that are given up. Whatever was not given up
 * arrives whole and in order, and at the end no credit is missing.
 */
class RandomTrafficTest {
  private static final Limits SMALL = new Limits(4, 65536, 262144, 400_000, 0);
  private static final int STEPS = 2_000;

  /** All of them take less than a message may go without progress. */
  private static final long STEP_NANOS = 10_000_000;

  private final Endpoint client = new Endpoint(SessionRole.CLIENT, SMALL);
  private final Endpoint server = new Endpoint(SessionRole.SERVER, SMALL);

  /** What was sent on each stream, by its id, and whether the client has ended it. */
  private final Map<Stream, List<String>> sent = new HashMap<>();

  private final List<Stream> open = new ArrayList<>();
  private int number;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatIsNotGivenUpArrivesWholeAndInOrder(long seed) {
    Random random = new Random(seed);
    Endpoint.exchange(client, server);
    for (int step = 0; step < STEPS; step++) {
      act(random);
      client.advance(STEP_NANOS);
      server.advance(STEP_NANOS);
    }
    finish();
    assertThat(client.resets).as("seed %d", seed).isEmpty();
    Map<Integer, List<String>> expected = new TreeMap<>();
    sent.forEach((stream, messages) -> expected.put(stream.id(), messages));
    Map<Integer, List<String>> arrived = new TreeMap<>();
    for (String message : server.messages) {
      int colon = message.indexOf(':');
      arrived
          .computeIfAbsent(Integer.parseInt(message.substring(0, colon)), id -> new ArrayList<>())
          .add(message.substring(colon + 1));
    }
    arrived.keySet().retainAll(expected.keySet());
    assertThat(arrived).as("seed %d", seed).isEqualTo(expected);
    assertThat(client.session.openStreams()).isZero();
    assertThat(server.session.openStreams()).isZero();
    fillTheSessionWindow(seed);
  }

  private void act(Random random) {
    switch (random.nextInt(8)) {
      case 0 -> openOne();
      case 1, 2 -> sendOne(random, false);
      case 3 -> sendOne(random, true);
      case 4 -> pauseOrResume(random);
      case 5 -> client.writable = random.nextBoolean();
      case 6 -> giveUpOne(random);
      default -> carry();
    }
  }

  private void carry() {
    client.session.onWritable();
    Endpoint.exchange(client, server);
    server.streams.removeIf(stream -> stream.state() == StreamState.CLOSED);
    for (Stream stream : server.streams) {
      if (stream.state() == StreamState.HALF_CLOSED_REMOTE) {
        server.send(stream, "answer", true);
      }
    }
    Endpoint.exchange(client, server);
  }

  private void openOne() {
    if (client.session.canOpenStream()) {
      open.add(client.session.openStream());
    }
  }

  private void sendOne(Random random, boolean end) {
    if (open.isEmpty()) {
      return;
    }
    Stream stream = open.get(random.nextInt(open.size()));
    String text = number++ + "x".repeat(random.nextInt(random.nextBoolean() ? 10 : 300_000));
    assertThat(client.send(stream, text, end)).isTrue();
    sent.computeIfAbsent(stream, s -> new ArrayList<>()).add(end ? text + "|" : text);
    if (end) {
      open.remove(stream);
    }
  }

  private void pauseOrResume(Random random) {
    if (!server.streams.isEmpty()) {
      Stream stream = server.streams.get(random.nextInt(server.streams.size()));
      server.session.reading(stream, random.nextBoolean());
    }
  }

  /** Rarely, as a server bears only so many resets. */
  private void giveUpOne(Random random) {
    if (!open.isEmpty() && random.nextInt(5) == 0) {
      Stream stream = open.remove(random.nextInt(open.size()));
      client.session.reset(
          stream, McpException.streamError(ErrorCode.REQUEST_CANCELED, "not wanted"));
      sent.remove(stream);
    }
  }

  private void finish() {
    client.writable = true;
    for (Stream stream : open) {
      client.send(stream, "last", true);
      sent.computeIfAbsent(stream, s -> new ArrayList<>()).add("last|");
    }
    for (int round = 0; round < 3; round++) {
      carry();
      server.streams.forEach(stream -> server.session.reading(stream, true));
      carry();
    }
  }

  /** What a session may send at once is still its window, but for credit that is not yet due. */
  private void fillTheSessionWindow(long seed) {
    for (int i = 0; i < SMALL.maxConcurrentStreams(); i++) {
      client.send(client.session.openStream(), "x".repeat(65536), true);
    }
    int bytes = client.written.stream().mapToInt(frame -> frame.payload().length).sum();
    assertThat(bytes).as("seed %d", seed).isGreaterThan(SMALL.sessionWindow() / 2);
  }
}
