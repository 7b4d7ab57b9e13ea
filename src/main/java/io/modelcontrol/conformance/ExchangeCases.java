package io.modelcontrol.conformance;

import static io.modelcontrol.ErrorCode.CONTINUE;
import static io.modelcontrol.ErrorCode.INVALID_ARGUMENT;
import static io.modelcontrol.ErrorCode.MODEL_DIGEST_MISMATCH;
import static io.modelcontrol.ErrorCode.MODEL_NOT_FOUND;
import static io.modelcontrol.ErrorCode.MODEL_REJECTED;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.wire.FrameType;
import io.modelcontrol.wire.MessageType;
import io.modelcontrol.wire.Tag;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Random;

/** Load, unload, infer and list, as far as they need no model. Nothing stays on the server. */
final class ExchangeCases {
  private static final String NAME = "conformance-no-such-model";

  private final CaseGroup group = new CaseGroup("exchange").section("Infer");
  private int loads;

  private ExchangeCases() {}

  static List<ConformanceCase> all() {
    ExchangeCases cases = new ExchangeCases();
    cases.infer();
    cases.pieces();
    cases.list();
    cases.unload();
    cases.load();
    cases.content();
    return cases.group.cases();
  }

  private void infer() {
    group
        .script(
            State.READY,
            "tells code, text and level of an error",
            peer -> {
              peer.send(Bytes.request(1, Bytes.inference()));
              FieldBytes fields = peer.message(1).fields();
              CaseFailure.check(
                  fields.number(Tag.STATUS) == MODEL_NOT_FOUND.code()
                      && fields.number(Tag.ERROR_LEVEL) == 1
                      && !fields.text(Tag.STATUS_TEXT).isEmpty(),
                  "an error without text or level");
            })
        .answered();
    group
        .given(
            State.READY,
            "knows no version of a model that is not there",
            Bytes.request(1, Bytes.inference(Bytes.text(Tag.MODEL_VERSION, "7"))))
        .status(1, MODEL_NOT_FOUND);
    group
        .given(
            State.READY,
            "answers before the client half-closes",
            Bytes.data(1, Bytes.END_MESSAGE, Bytes.inference()))
        .status(1, MODEL_NOT_FOUND);
    group
        .given(
            State.READY,
            "answers the same request id twice",
            Bytes.request(1, Bytes.inference(Bytes.field(Tag.REQUEST_ID, new byte[16]))),
            Bytes.request(3, Bytes.inference(Bytes.field(Tag.REQUEST_ID, new byte[16]))))
        .status(3, MODEL_NOT_FOUND);
    group
        .script(
            State.READY,
            "answers a hundred requests on streams of their own",
            peer -> {
              for (int id = 1; id < 200; id += 2) {
                peer.send(Bytes.request(id, Bytes.inference()));
                peer.message(id).expect(MessageType.STATUS);
              }
            })
        .between(0, 15_000)
        .answered();
    group
        .given(
            State.READY,
            "takes RESET of a request that it may have answered",
            Bytes.request(1, Bytes.inference()),
            Bytes.reset(1))
        .ignored();
  }

  private void pieces() {
    group.section("Infer, in pieces");
    byte[] shards = Bytes.parameter("mode", "shards");
    byte[] name = Bytes.text(Tag.MODEL_NAME, NAME);
    byte[] shape = Bytes.parameter("shape:x", "4");
    piece("refuses pieces without a shape", name, shards).status(1, INVALID_ARGUMENT);
    piece(
            "refuses a first piece whose index is not 0",
            name,
            shards,
            shape,
            Bytes.number(Tag.CHUNK_INDEX, 3))
        .status(1, INVALID_ARGUMENT);
    piece(
            "refuses more elements than were announced",
            name,
            shards,
            shape,
            Bytes.tensor(2, new long[] {5}, "x", new byte[5]))
        .status(1, ErrorCode.INVALID_TENSOR);
    piece("refuses fewer elements than were announced", name, shards, shape)
        .status(1, ErrorCode.INVALID_TENSOR);
  }

  private CaseGroup.Draft piece(String sentence, byte[]... fields) {
    byte[] message = Bytes.message(MessageType.INFERENCE_STREAM, fields);
    return group.given(State.READY, sentence, Bytes.request(1, message));
  }

  private void list() {
    group.section("List");
    listed("lists its models", true);
    listed("lists no version of a model that is not there", true, Bytes.text(Tag.MODEL_NAME, NAME));
    listed(
        "keeps the stream of a subscription open",
        false,
        Bytes.text(Tag.MODEL_NAME, NAME),
        Bytes.parameter("subscribe", "true"));
  }

  private void listed(String sentence, boolean end, byte[]... fields) {
    group
        .script(
            State.READY,
            sentence,
            peer -> {
              peer.send(Bytes.request(1, Bytes.message(MessageType.STATE_SYNC, fields)));
              ReceivedMessage list = peer.message(1);
              list.expect(MessageType.STATE_SYNC);
              CaseFailure.check(
                  list.endStream() == end, "END_STREAM is " + list.endStream() + " on the list");
              boolean none = list.fields().all(Tag.MODEL_DESCRIPTOR.code()).isEmpty();
              CaseFailure.check(fields.length == 0 || none, "a model is listed");
              peer.send(Bytes.reset(1));
            })
        .ignored();
  }

  private void unload() {
    group.section("Unload");
    byte[] name = Bytes.text(Tag.MODEL_NAME, NAME);
    byte[] version = Bytes.text(Tag.MODEL_VERSION, "1");
    group
        .given(
            State.READY,
            "unloads no version that is not there",
            Bytes.request(1, Bytes.message(MessageType.MODEL_UNLOAD_REQ, name, version)))
        .status(1, MODEL_NOT_FOUND);
  }

  private byte[] firstOfLoad(byte[] digest, long size) {
    return Bytes.message(
        MessageType.MODEL_LOAD_REQ,
        Bytes.text(Tag.MODEL_NAME, "conformance-load-" + ++loads),
        Bytes.text(Tag.MODEL_VERSION, "1"),
        Bytes.field(Tag.MODEL_SHA256, digest),
        Bytes.number(Tag.CONTENT_SIZE, size));
  }

  private static byte[] content(long offset, byte[] bytes) {
    return Bytes.message(
        MessageType.MODEL_LOAD_REQ,
        Bytes.number(Tag.CONTENT_OFFSET, offset),
        Bytes.field(Tag.CONTENT, bytes));
  }

  /** The digest of content that nobody has. */
  private static byte[] unknownDigest() {
    byte[] digest = new byte[32];
    new Random().nextBytes(digest);
    return digest;
  }

  private static byte[] digest(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private void load() {
    group.section("Load");
    group
        .given(
            State.READY,
            "refuses a load of 0 bytes",
            Bytes.request(1, firstOfLoad(unknownDigest(), 0)))
        .status(1, INVALID_ARGUMENT);
    group
        .given(
            State.READY,
            "refuses a load that ends before its content",
            Bytes.request(1, firstOfLoad(unknownDigest(), 5)))
        .status(1, MODEL_DIGEST_MISMATCH);
    uploaded("refuses content of another digest", 5, content(0, Bytes.ascii("model")))
        .status(1, MODEL_DIGEST_MISMATCH);
    uploaded("refuses content that is too short", 50, content(0, Bytes.ascii("model")))
        .status(1, MODEL_DIGEST_MISMATCH);
    uploaded("refuses content that is too long", 3, content(0, Bytes.ascii("model")))
        .status(1, MODEL_DIGEST_MISMATCH);
    uploaded("refuses content that begins with a gap", 50, content(5, Bytes.ascii("model")))
        .status(1, INVALID_ARGUMENT);
    uploaded(
            "refuses content without an offset",
            5,
            Bytes.message(
                MessageType.MODEL_LOAD_REQ, Bytes.field(Tag.CONTENT, Bytes.ascii("model"))))
        .status(1, INVALID_ARGUMENT);
    uploaded("refuses another message instead of content", 5, Bytes.unhandled())
        .status(1, INVALID_ARGUMENT);
  }

  /** Sends one message once the server asks for content. */
  private CaseGroup.Draft uploaded(String sentence, long size, byte[] message) {
    byte[] first = firstOfLoad(unknownDigest(), size);
    return group.script(
        State.READY,
        sentence,
        peer -> {
          begin(peer, first);
          peer.send(Bytes.request(1, message));
        });
  }

  private static void begin(Peer peer, byte[] first) throws IOException {
    peer.send(Bytes.data(1, Bytes.END_MESSAGE, first));
    ReceivedMessage invited = peer.message(1);
    CaseFailure.check(
        invited.is(MessageType.STATUS)
            && invited.status() == CONTINUE
            && invited.fields().number(Tag.CONTENT_OFFSET) == 0
            && !invited.endStream(),
        "expected STATUS CONTINUE from offset 0, came " + invited);
  }

  private void content() {
    byte[] noModel = Bytes.ascii("this is not a model of any kind");
    byte[] first = firstOfLoad(digest(noModel), noModel.length);
    group
        .script(
            State.READY,
            "rejects content that is no model",
            peer -> {
              begin(peer, first);
              peer.send(Bytes.request(1, content(0, noModel)));
              ReceivedMessage last = peer.message(1);
              while (last.status() == CONTINUE) {
                last = peer.message(1);
              }
              CaseFailure.check(
                  last.status() == MODEL_REJECTED && last.endStream(), "the end is " + last);
            })
        .answered();
    byte[] given = firstOfLoad(unknownDigest(), 500);
    group
        .script(
            State.READY,
            "gives an upload up that is reset",
            peer -> {
              begin(peer, given);
              peer.send(Bytes.data(1, Bytes.END_MESSAGE, content(0, noModel)), Bytes.reset(1));
              peer.checkAlive();
              CaseFailure.check(
                  peer.seen().stream().noneMatch(f -> f.is(FrameType.RESET)), "a RESET came back");
            })
        .answered();
  }
}
