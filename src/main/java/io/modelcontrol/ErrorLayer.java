package io.modelcontrol;

/** Which layer an error code belongs to, by its range. Contract 5. */
public enum ErrorLayer {
  /** 0x0000 and 0x0001: OK and CONTINUE, which are no errors. */
  NONE,
  /** 0x0100 to 0x01FF: frames, messages, negotiation, authentication. */
  PROTOCOL,
  /** 0x0200 to 0x02FF: models and tensors. */
  DOMAIN,
  /** 0x0300 to 0x03FF: network, workers, deadlines. */
  INFRASTRUCTURE;

  /** The layer of a code on the wire; a code outside every range counts as infrastructure. */
  public static ErrorLayer of(int code) {
    return switch (code >>> 8) {
      case 0 -> NONE;
      case 1 -> PROTOCOL;
      case 2 -> DOMAIN;
      default -> INFRASTRUCTURE;
    };
  }
}
