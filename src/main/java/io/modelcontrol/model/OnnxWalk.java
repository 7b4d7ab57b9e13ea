package io.modelcontrol.model;

import io.modelcontrol.model.OnnxMessage.Field;
import io.modelcontrol.model.OnnxMessage.Kind;
import io.modelcontrol.model.OnnxScanner.Limits;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * One walk through one model, from its first byte to its last, with a stack of its own instead of
 * the thread's: nesting costs one small object for each level and ends at the limit.
 */
final class OnnxWalk {
  private final ProtoReader reader;
  private final Limits limits;
  private final OnnxBudget budget;
  private final OnnxFunctions functions = new OnnxFunctions();
  private final Deque<OnnxFrame> frames = new ArrayDeque<>();

  OnnxWalk(ProtoReader reader, Limits limits) {
    this.reader = reader;
    this.limits = limits;
    this.budget = new OnnxBudget(limits);
  }

  void run() {
    OnnxFrame model = new OnnxFrame(OnnxMessage.MODEL, null, null, reader.size());
    frames.push(model);
    while (!frames.isEmpty()) {
      OnnxFrame frame = frames.peek();
      if (reader.position() == frame.end) {
        frames.pop();
        frame.complete();
      } else {
        field(frame);
      }
    }
    if (!model.has(OnnxMessage.MODEL_GRAPH)) {
      throw OnnxRejection.PARSE.because("the content has no graph");
    }
    functions.complete(limits.nodes());
  }

  private void field(OnnxFrame frame) {
    int tag = reader.tag(frame.end);
    int wireType = tag & 7;
    Field field = frame.field(tag >>> 3);
    if (field == null) {
      throw OnnxRejection.PARSE.because(
          frame.type + " has no field " + (tag >>> 3) + " that is known here");
    }
    frame.see(field);
    if (field.isPacked(wireType)) {
      packed(frame, field);
    } else if (field.kind().wireType == wireType) {
      single(frame, field, tag);
    } else {
      throw OnnxRejection.PARSE.because(
          "field " + field.name() + " of " + frame.type + " has wire type " + wireType);
    }
  }

  private void single(OnnxFrame frame, Field field, int tag) {
    switch (field.kind()) {
      case VARINT, FIXED32, FIXED64 -> number(frame, field, tag);
      case LENGTH -> bytes(frame, field);
      case MESSAGE -> enter(frame, field);
    }
  }

  private void number(OnnxFrame frame, Field field, int tag) {
    if (!field.repeated() || frame.wantsEach(field)) {
      numberOfInterest(frame, field);
      return;
    }
    // Lists that are not packed are long: a run of equal tags is taken at once.
    long count = 0;
    do {
      skipNumber(frame, field);
      count++;
    } while (reader.takes(tag, frame.end));
    frame.numbers(field, count);
  }

  private void numberOfInterest(OnnxFrame frame, Field field) {
    if (field.kind() == Kind.VARINT) {
      frame.number(field, reader.varint(frame.end));
    } else {
      skipNumber(frame, field);
    }
  }

  private void skipNumber(OnnxFrame frame, Field field) {
    switch (field.kind()) {
      case FIXED32 -> reader.skip(Integer.BYTES, frame.end);
      case FIXED64 -> reader.skip(Long.BYTES, frame.end);
      default -> reader.varint(frame.end);
    }
  }

  private void packed(OnnxFrame frame, Field field) {
    long length = reader.length(frame.end);
    if (field.kind() != Kind.VARINT) {
      packedFixed(frame, field, length);
      return;
    }
    if (!frame.wantsEach(field)) {
      frame.numbers(field, reader.countVarints(length));
      return;
    }
    long end = reader.position() + length;
    while (reader.position() < end) {
      frame.number(field, reader.varint(end));
    }
  }

  private void packedFixed(OnnxFrame frame, Field field, long length) {
    int size = field.kind() == Kind.FIXED32 ? Integer.BYTES : Long.BYTES;
    if (length % size != 0) {
      throw OnnxRejection.PARSE.because(
          "field " + field.name() + " has " + length + " bytes, not a multiple of " + size);
    }
    frame.numbers(field, length / size);
    reader.skip(length, frame.end);
  }

  private void bytes(OnnxFrame frame, Field field) {
    budget.part();
    long length = reader.length(frame.end);
    long end = reader.position() + length;
    frame.bytes(field, length, reader);
    reader.position(end);
  }

  private void enter(OnnxFrame parent, Field field) {
    budget.part();
    long length = reader.length(parent.end);
    long end = reader.position() + length;
    OnnxFrame frame =
        switch (field.message()) {
          case NODE, FUNCTION ->
              new OnnxOperatorFrame(field.message(), field, parent, end, functions);
          case ATTRIBUTE -> new OnnxAttributeFrame(field, parent, end, budget);
          case TENSOR -> new OnnxTensorFrame(field, parent, end);
          case SPARSE_TENSOR -> new OnnxSparseFrame(field, parent, end, budget);
          default -> new OnnxFrame(field.message(), field, parent, end);
        };
    count(parent, field, frame);
    frames.push(frame);
  }

  private void count(OnnxFrame parent, Field field, OnnxFrame frame) {
    budget.depth(frame.depth);
    if (field.message() == OnnxMessage.NODE) {
      budget.node();
    } else if (parent.type == OnnxMessage.GRAPH) {
      // A graph holds nodes and initializers, dense and sparse ones; nothing else is walked.
      budget.initializer();
    }
  }
}
