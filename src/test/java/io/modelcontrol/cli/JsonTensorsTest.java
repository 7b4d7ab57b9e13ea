package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import io.modelcontrol.TensorSpec;
import io.vertx.core.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonTensorsTest {
  @Test
  void readsNestedArrays() {
    Tensor tensor = JsonTensors.parse("x", DataType.FLOAT, "[[[1, 2.5]], [[-3e2, 4]]]");
    assertThat(tensor.shape()).containsExactly(2, 1, 2);
    assertThat(tensor.toFloats()).containsExactly(1, 2.5f, -300, 4);
    assertThat(JsonTensors.parse("x", DataType.INT64, "7").rank()).isZero();
    assertThat(JsonTensors.parse("x", DataType.INT64, "[[], []]").shape()).containsExactly(2, 0);
  }

  @Test
  void readsAnObjectThatTellsTypeAndShape() {
    String flat = "{\"dtype\": \"INT32\", \"shape\": [2, 2], \"data\": [1, 2, 3, 4]}";
    Tensor tensor = JsonTensors.parse("x", null, flat);
    assertThat(tensor).hasToString("x INT32[2, 2]");
    assertThat(tensor.toInts()).containsExactly(1, 2, 3, 4);
    assertThat(
            JsonTensors.parse("x", DataType.INT32, flat.replace("[1, 2, 3, 4]", "[[1,2],[3,4]]")))
        .hasToString("x INT32[2, 2]");
    assertThat(JsonTensors.parse("x", DataType.STRING, "{\"data\": [\"a\", \"\"]}").toStrings())
        .containsExactly("a", "");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "BOOL | [true,false]",
        "INT8 | [-128,127]",
        "UINT8 | [0,255]",
        "INT16 | [-32768,32767]",
        "UINT16 | [0,65535]",
        "INT32 | [-2147483648,2147483647]",
        "UINT32 | [0,4294967295]",
        "INT64 | [-9223372036854775808,9223372036854775807]",
        "UINT64 | [0,18446744073709551615]",
        "FLOAT | [0.1,3.4028235E38,'NaN','-Infinity']",
        "DOUBLE | [0.1,1.7976931348623157E308]",
        "FLOAT16 | [65504.0,-0.5,'Infinity']",
        "BFLOAT16 | [1.0,-2.0]",
        "STRING | ['','é']",
        "INT4 | [-8,7,-1]",
        "UINT4 | [0,15,3]",
        "INT2 | [-2,1,0,-1,1]",
        "UINT2 | [3,2,1,0,3]"
      })
  void readsBackWhatItWrites(DataType type, String text) {
    String json = text.replace('\'', '"');
    Tensor tensor = JsonTensors.parse("x", type, json);
    assertThat(Json.encode(JsonTensors.toNested(tensor))).isEqualTo(json);
    String object = JsonTensors.toObject(tensor).encode();
    assertThat(JsonTensors.parse("x", null, object).toByteArray()).isEqualTo(tensor.toByteArray());
  }

  @Test
  void writesTypesThatJsonHasNotAsTheirBytes() {
    Tensor tensor =
        Tensor.of(
            "x", DataType.FLOAT8E5M2, new long[] {2}, Tensor.of("d", new byte[] {1, 2}).data());
    assertThat(JsonTensors.toObject(tensor).encode())
        .isEqualTo("{\"name\":\"x\",\"dtype\":\"FLOAT8E5M2\",\"shape\":[2],\"base64\":\"AQI\"}");
    assertThat(catchThrowableOfType(McpException.class, () -> JsonTensors.toNested(tensor)).code())
        .isEqualTo(ErrorCode.UNSUPPORTED_DTYPE);
    assertThat(
            catchThrowableOfType(
                    McpException.class, () -> JsonTensors.parse("x", DataType.COMPLEX64, "[1]"))
                .code())
        .isEqualTo(ErrorCode.UNSUPPORTED_DTYPE);
  }

  @Test
  void givesAFlatArrayTheShapeOfItsInput() {
    TensorSpec fixed = new TensorSpec("x", DataType.FLOAT, new long[] {1, 2, 2});
    TensorSpec dynamic = new TensorSpec("x", DataType.FLOAT, new long[] {-1, 2});
    assertThat(JsonTensors.parse(fixed, "[1, 2, 3, 4]").shape()).containsExactly(1, 2, 2);
    assertThat(JsonTensors.parse(dynamic, "[1, 2, 3, 4]").shape()).containsExactly(2, 2);
    assertThat(JsonTensors.parse(dynamic, "[[1, 2]]").shape()).containsExactly(1, 2);
    assertRefused("expected input x FLOAT[-1, 2], got x FLOAT[3]", dynamic, "[1, 2, 3]");
    assertRefused("expected input x FLOAT[1, 2, 2], got x FLOAT[1, 4]", fixed, "[[1, 2, 3, 4]]");
    TensorSpec open = new TensorSpec("x", DataType.FLOAT, new long[] {-1, -1});
    assertRefused("expected input x FLOAT[-1, -1], got x FLOAT[2]", open, "[1, 2]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "INT8 | [128] | expected -128 to 127 for INT8, got 128",
        "UINT8 | [-1] | expected 0 to 255 for UINT8, got -1",
        "INT64 | [9223372036854775808] | expected -9223372036854775808 to 9223372036854775807",
        "UINT64 | [18446744073709551616] | expected 0 to 18446744073709551615 for UINT64",
        "UINT4 | [16] | expected 0 to 15 for UINT4, got 16",
        "INT32 | [1.0] | expected a whole number for INT32, got 1.0",
        "INT32 | [true] | expected a whole number for INT32, got true",
        "INT32 | ['1'] | expected a whole number for INT32, got \"1\"",
        "INT32 | null | expected a whole number for INT32, got null",
        "FLOAT | [1e39] | for FLOAT, got 1.0E39",
        "FLOAT | ['inf'] | expected a number for FLOAT, got \"inf\"",
        "FLOAT16 | [65520] | expected a smaller number for FLOAT16, got 65520",
        "DOUBLE | [1e999] | expected a smaller number for DOUBLE, got Infinity",
        "BOOL | [1] | expected true or false for BOOL, got 1",
        "STRING | [1] | expected a string for STRING, got 1",
        "FLOAT | [[1], [2, 3]] | the data is ragged",
        "FLOAT | [[1], 2] | the data is ragged",
        "FLOAT | [1, [2]] | the data is ragged",
        "FLOAT | [1, | this is no valid JSON",
        "FLOAT | [NaN] | this is no valid JSON",
        "FLOAT | {'data': [1], 'dim': [1]} | unknown key 'dim', expected dtype, shape and data",
        "FLOAT | {'data': [1], 'dtype': 'INT8'} | expected dtype FLOAT, got INT8",
        "FLOAT | {'data': [1], 'dtype': 'REAL'} | unknown dtype 'REAL'",
        "FLOAT | {'data': [1], 'shape': [2]} | the data has shape [1], 'shape' says [2]",
        "FLOAT | {'data': [[1, 2]], 'shape': [2, 1]} | data has shape [1, 2], 'shape' says",
        "FLOAT | {'data': [1], 'shape': 1} | 'shape' must be an array",
        "FLOAT | {'data': [1], 'shape': [1.5]} | 'shape' must hold whole numbers, got 1.5",
        "FLOAT | {'shape': [0]} | expected a number for FLOAT, got null"
      })
  void refusesWhatTheTypeOrTheShapeCannotHold(DataType type, String text, String message) {
    String json = text.replace('\'', '"');
    McpException refused =
        catchThrowableOfType(McpException.class, () -> JsonTensors.parse("x", type, json));
    assertThat(refused).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
    assertThat(refused).hasMessageContaining(message);
  }

  @Test
  void refusesNestingBeyondAnyRank() {
    String deep = "[".repeat(65) + "1" + "]".repeat(65);
    assertRefused(
        "the data is nested deeper than 64",
        new TensorSpec("x", DataType.FLOAT, new long[0]),
        deep);
    String bomb = "[".repeat(100_000);
    assertRefused("this is no valid JSON", new TensorSpec("x", DataType.FLOAT, new long[0]), bomb);
    assertThat(catchThrowableOfType(McpException.class, () -> JsonTensors.parse("x", null, "[1]")))
        .hasMessage("the JSON does not tell the dtype of its elements");
  }

  private static void assertRefused(String message, TensorSpec spec, String json) {
    assertThat(catchThrowableOfType(McpException.class, () -> JsonTensors.parse(spec, json)))
        .hasMessageContaining(message);
  }
}
