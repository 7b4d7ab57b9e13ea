package io.modelcontrol.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.modelcontrol.model.OnnxScanner.Limits;
import org.junit.jupiter.api.Test;

/**
 * Bytes that one protobuf reader takes this way and another one that way, or that a careless walk
 * would step over. Field numbers: ModelProto.graph 7, GraphProto.node 1, initializer 5,
 * NodeProto.attribute 5, AttributeProto.t 5, TensorProto.data_location 14, external_data 13.
 */
class OnnxScannerTricksTest {
  /** A FLOAT tensor of one element: data_type 1, dims 1, raw_data of four bytes. */
  private static OnnxBytes tensor() {
    return new OnnxBytes().raw(0x08, 0x01, 0x10, 0x01).field(9, new byte[4]);
  }

  private static OnnxBytes external() {
    return tensor().raw(0x70, 0x01);
  }

  @Test
  void acceptsTheTensorThatTheTricksStartFrom() {
    assertThat(withInitializer(tensor())).isEqualTo("accepted");
    assertThat(withInitializer(tensor().raw(0x70, 0x00))).isEqualTo("accepted");
  }

  @Test
  void seesTheLocationWhicheverOccurrenceSaysExternal() {
    assertThat(withInitializer(tensor().raw(0x70, 0x01, 0x70, 0x00))).startsWith("EXTERNAL_DATA");
    assertThat(withInitializer(tensor().raw(0x70, 0x00, 0x70, 0x01))).startsWith("EXTERNAL_DATA");
  }

  @Test
  void seesALocationOfManyBytes() {
    // 1 in ten bytes, and 2^32 + 1, of which a reader of 32 bits keeps the 1.
    assertThat(
            withInitializer(
                tensor().raw(0x70, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0)))
        .startsWith("EXTERNAL_DATA");
    assertThat(withInitializer(tensor().raw(0x70).varint((1L << 32) + 1)))
        .startsWith("EXTERNAL_DATA");
    assertThat(withInitializer(tensor().raw(0x72, 0x01, 0x01))).startsWith("EXTERNAL_DATA");
  }

  @Test
  void refusesTagsThatAreNotEncodedInTheShortestWay() {
    assertThat(withInitializer(tensor().raw(0xF0, 0x00, 0x01))).startsWith("PARSE");
    // Field 14 and 2^32: readers that keep 32 bits of a tag see data_location.
    assertThat(withInitializer(tensor().varint((1L << 35) | 0x70).raw(1))).startsWith("PARSE");
  }

  @Test
  void refusesLengthsThatAreNotEncodedInTheShortestWay() {
    byte[] tensor = external().bytes();
    OnnxBytes graph =
        new OnnxBytes().tag(5, 2).raw(tensor.length | 0x80, 0).raw(OnnxBytes.unsigned(tensor));
    assertThat(reasonOf(new OnnxBytes().field(7, graph))).startsWith("PARSE");
  }

  @Test
  void refusesASingularMessageThatComesTwice() {
    OnnxBytes attribute = new OnnxBytes().field(5, tensor()).field(5, new OnnxBytes().raw(0x70, 1));
    assertThat(withAttribute(attribute)).startsWith("PARSE: AttributeProto has two");
    OnnxBytes graph = new OnnxBytes().field(5, tensor());
    assertThat(reasonOf(new OnnxBytes().field(7, graph).field(7, graph)))
        .startsWith("PARSE: ModelProto has two");
    assertThat(withInitializer(tensor().field(9, new byte[4])))
        .startsWith("PARSE: TensorProto has");
    OnnxBytes twoDomains = new OnnxBytes().field(7, new byte[0]).field(7, new byte[] {'x'});
    assertThat(reasonOf(new OnnxBytes().field(7, new OnnxBytes().field(1, twoDomains))))
        .startsWith("PARSE: NodeProto has two");
  }

  @Test
  void refusesGroups() {
    // Start and end group of field 5, around a tensor that a reader of groups would find.
    byte[] body = external().bytes();
    OnnxBytes graph = new OnnxBytes().tag(5, 3).raw(OnnxBytes.unsigned(body)).tag(5, 4);
    assertThat(reasonOf(new OnnxBytes().field(7, graph))).startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().tag(7, 4))).startsWith("PARSE");
  }

  @Test
  void refusesWireTypesThatDoNotBelongToTheField() {
    for (int wireType : new int[] {0, 1, 5, 6, 7}) {
      OnnxBytes graph = new OnnxBytes().tag(5, wireType).raw(0, 0, 0, 0, 0, 0, 0, 0);
      assertThat(reasonOf(new OnnxBytes().field(7, graph))).startsWith("PARSE");
    }
    // data_location as 32 bits.
    assertThat(withInitializer(tensor().raw(0x75, 1, 0, 0, 0))).startsWith("PARSE");
  }

  @Test
  void refusesFieldsThatTheSchemaDoesNotHave() {
    assertThat(withInitializer(tensor().field(15, new byte[0]))).startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().field(7, new OnnxBytes()).field(9, external())))
        .startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().field(7, new OnnxBytes()).field(100_000, external())))
        .startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().field(7, new OnnxBytes()).field(0, external())))
        .startsWith("PARSE: field number 0");
  }

  @Test
  void refusesLengthsPastTheEndOfTheirMessage() {
    assertThat(reasonOf(new OnnxBytes().tag(7, 2).raw(5, 0x2A, 3))).startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().field(7, new OnnxBytes().tag(5, 2).raw(9)).raw(0x08, 1)))
        .startsWith("PARSE: a length of 9 exceeds the 0 bytes");
    assertThat(reasonOf(new OnnxBytes().tag(7, 2).varint(-1L))).startsWith("PARSE");
    assertThat(reasonOf(new OnnxBytes().tag(7, 2).varint(Long.MAX_VALUE))).startsWith("PARSE");
  }

  @Test
  void refusesNumbersOfMoreThanTenBytes() {
    OnnxBytes content = new OnnxBytes().raw(0x08);
    for (int i = 0; i < 10; i++) {
      content.raw(0x80);
    }
    assertThat(reasonOf(content.raw(1))).startsWith("PARSE: a number has more than 64 bits");
  }

  @Test
  void countsPackedAndSingleNumbersTogether() {
    // INT64 of shape [3]: dims once packed; data of two packed (one of them of two bytes), one
    // single.
    OnnxBytes tensor =
        new OnnxBytes().raw(0x0A, 1, 3, 0x10, 7, 0x3A, 3, 0x05, 0x80, 0x01, 0x38, 0x07);
    assertThat(withInitializer(tensor)).isEqualTo("accepted");
    assertThat(withInitializer(new OnnxBytes().raw(0x0A, 1, 3, 0x10, 7, 0x3A, 2, 0x05, 0x80)))
        .isEqualTo("PARSE: a list of numbers ends within a number");
    assertThat(withInitializer(new OnnxBytes().raw(0x0A, 1, 1, 0x10, 1, 0x22, 3, 0, 0, 0)))
        .isEqualTo("PARSE: field float_data has 3 bytes, not a multiple of 4");
  }

  @Test
  void addsUpDimensionsThatComeInPieces() {
    // dims 1 single, then 1 and 2 packed: two elements, but data of one.
    assertThat(withInitializer(tensor().raw(0x0A, 2, 1, 2))).startsWith("TENSOR_SIZE");
  }

  private static String withInitializer(OnnxBytes tensor) {
    return reasonOf(new OnnxBytes().field(7, new OnnxBytes().field(5, tensor)));
  }

  private static String withAttribute(OnnxBytes attribute) {
    OnnxBytes node = new OnnxBytes().field(5, attribute);
    return reasonOf(new OnnxBytes().field(7, new OnnxBytes().field(1, node)));
  }

  private static String reasonOf(OnnxBytes model) {
    return OnnxBytes.reasonOf(model.bytes(), Limits.DEFAULT);
  }
}
