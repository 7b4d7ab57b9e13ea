package io.modelcontrol.model;

/**
 * One message that the walk is inside of. This class knows where it ends and which of its fields
 * came already; subclasses collect what their kind of message is judged by.
 */
class OnnxFrame {
  final OnnxMessage type;

  /** The field that holds this message, {@code null} for the model itself. */
  final OnnxMessage.Field holder;

  final OnnxFrame parent;

  /** Position of the first byte behind the message. */
  final long end;

  /** Graphs around this message, itself included. */
  final int depth;

  private final OnnxMessage.Field[] fields;
  private long seen;

  OnnxFrame(OnnxMessage type, OnnxMessage.Field holder, OnnxFrame parent, long end) {
    this.type = type;
    this.holder = holder;
    this.parent = parent;
    this.end = end;
    this.fields = type.fields();
    this.depth = (parent == null ? 0 : parent.depth) + (type == OnnxMessage.GRAPH ? 1 : 0);
  }

  /** The field of that number, or {@code null} where the schema has none. */
  final OnnxMessage.Field field(int number) {
    return number < fields.length ? fields[number] : null;
  }

  /**
   * Notes a field. Parsers merge what occurs twice where it may occur once, each in its own way; a
   * model that asks for that is refused.
   */
  final void see(OnnxMessage.Field field) {
    long bit = 1L << field.number();
    if (!field.repeated() && (seen & bit) != 0) {
      throw OnnxRejection.PARSE.because(type + " has two of its field " + field.name());
    }
    seen |= bit;
  }

  final boolean has(int field) {
    return (seen & 1L << field) != 0;
  }

  /** A number arrived: singular, or one of a repeated field that is read one by one. */
  void number(OnnxMessage.Field field, long value) {}

  /** So many numbers of a repeated field arrived. */
  void numbers(OnnxMessage.Field field, long count) {}

  /** Whether the numbers of a repeated field are wanted one by one. */
  boolean wantsEach(OnnxMessage.Field field) {
    return false;
  }

  /** Bytes arrived; the reader stands before them and is moved behind them afterwards. */
  void bytes(OnnxMessage.Field field, long length, ProtoReader reader) {}

  /** The message is complete. */
  void complete() {}
}
