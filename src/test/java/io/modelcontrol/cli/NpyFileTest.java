package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.DataType;
import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The literal files are what NumPy 2.4 writes. */
class NpyFileTest {
  @Test
  void readsAFileOfVersionThreeAsNumpyWroteIt() {
    byte[] file =
        HexFormat.of()
            .parseHex(
                "934e554d50590300740000007b276465736372273a20273c7532272c2027666f727472616e5f6f7264"
                    + "6572273a2046616c73652c20277368617065273a2028312c292c207d20"
                    + "20".repeat(57)
                    + "0a0100");
    Tensor tensor = NpyFile.read("x", file);
    assertThat(tensor).hasToString("x UINT16[1]");
    assertThat(tensor.toByteArray()).containsExactly(1, 0);
  }

  @Test
  void readsFloatsInRowMajorOrder() {
    Tensor tensor =
        read(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }",
            "0000803f000020c0000040400000807f");
    assertThat(tensor.shape()).containsExactly(2, 2);
    assertThat(tensor.toFloats()).containsExactly(1, -2.5f, 3, Float.POSITIVE_INFINITY);
  }

  @Test
  void transposesFortranOrder() {
    Tensor tensor =
        read(
            "{'descr': '<i2', 'fortran_order': True, 'shape': (2, 3), }",
            "010004000200050003000600");
    assertThat(tensor.shape()).containsExactly(2, 3);
    assertThat(tensor.toByteArray()).containsExactly(1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0);
  }

  @Test
  void turnsBigEndianElementsAround() {
    assertThat(
            read(
                    "{'descr': '>f8', 'fortran_order': False, 'shape': (2,), }",
                    "3fe0000000000000bff0000000000000")
                .toDoubles())
        .containsExactly(0.5, -1);
    // A complex number is turned around in its two halves.
    assertThat(
            read("{'descr': '>c8', 'fortran_order': False, 'shape': (1,), }", "3f80000040000000")
                .toByteArray())
        .isEqualTo(HexFormat.of().parseHex("0000803f00000040"));
    assertThat(
            read("{'descr': '>U2', 'fortran_order': False, 'shape': (1,), }", "0000006100000062")
                .toStrings())
        .containsExactly("ab");
  }

  @Test
  void readsScalarsAndEmptyArrays() {
    Tensor scalar =
        read("{'descr': '<i8', 'fortran_order': False, 'shape': (), }", "f9ffffffffffffff");
    assertThat(scalar.rank()).isZero();
    assertThat(scalar.toLongs()).containsExactly(-7);
    Tensor empty = read("{'descr': '<u4', 'fortran_order': True, 'shape': (0, 3), }", "");
    assertThat(empty.shape()).containsExactly(0, 3);
  }

  @Test
  void readsStringsWithoutTheirPadding() {
    String wide =
        "e900000000000000000000006200000000f60100000000000000000000000000"
            + "0000000078000000790000007a000000";
    Tensor tensor = read("{'descr': '<U3', 'fortran_order': False, 'shape': (2, 2), }", wide);
    assertThat(tensor.shape()).containsExactly(2, 2);
    assertThat(tensor.toStrings()).containsExactly("é", "b\uD83D\uDE00", "", "xyz");
    assertThat(
            read("{'descr': '|S2', 'fortran_order': False, 'shape': (2,), }", "61626300")
                .toStrings())
        .containsExactly("ab", "c");
  }

  @Test
  void headersWrittenByOthersMayDifferInOrderQuotesAndBlanks() {
    assertThat(read("{\"shape\":(2L,),\"fortran_order\":False,\"descr\":\"|u1\"}", "0102"))
        .hasToString("x UINT8[2]");
  }

  @Test
  void writesExactlyWhatNumpyWrites() {
    byte[] file =
        NpyFile.write(Tensor.of("x", new float[] {1, -2.5f, 3, Float.POSITIVE_INFINITY}, 2, 2));
    byte[] expected =
        file(
            "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }" + " ".repeat(58) + "\n",
            "0000803f000020c0000040400000807f");
    assertThat(file).isEqualTo(expected);
    assertThat(NpyFile.write(Tensor.of("x", new boolean[] {true, false})))
        .isEqualTo(
            file(
                "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }" + " ".repeat(60) + "\n",
                "0100"));
    assertThat(NpyFile.write(Tensor.of("x", new long[] {-7}).reshaped()))
        .isEqualTo(
            file(
                "{'descr': '<i8', 'fortran_order': False, 'shape': (), }" + " ".repeat(62) + "\n",
                "f9ffffffffffffff"));
  }

  @ParameterizedTest
  @EnumSource(
      names = {
        "FLOAT",
        "UINT8",
        "INT8",
        "UINT16",
        "INT16",
        "INT32",
        "INT64",
        "FLOAT16",
        "DOUBLE",
        "UINT32",
        "UINT64",
        "COMPLEX64",
        "COMPLEX128"
      })
  void readsBackWhatItWrites(DataType type) {
    long seed = System.nanoTime();
    byte[] data = new byte[(int) type.byteLength(24)];
    new Random(seed).nextBytes(data);
    Tensor tensor = Tensor.of("x", type, new long[] {2, 3, 4}, Tensor.of("d", data).data());
    Tensor back = NpyFile.read("x", NpyFile.write(tensor));
    assertThat(back).as("seed %d", seed).hasToString(tensor.toString());
    assertThat(back.toByteArray()).as("seed %d", seed).isEqualTo(data);
  }

  @Test
  void readsBackTheStringsThatItWrites() {
    Tensor tensor = Tensor.of("x", new String[] {"", "é\uD83D\uDE00", "plain"}, 3, 1);
    Tensor back = NpyFile.read("x", NpyFile.write(tensor));
    assertThat(back).hasToString("x STRING[3, 1]");
    assertThat(back.toStrings()).containsExactly("", "é\uD83D\uDE00", "plain");
  }

  @ParameterizedTest
  @EnumSource(names = {"BFLOAT16", "INT4", "FLOAT8E5M2"})
  void refusesToWriteTypesThatNumpyHasNot(DataType type) {
    Tensor tensor =
        Tensor.of(
            "x", type, new long[] {2}, Tensor.of("d", new byte[(int) type.byteLength(2)]).data());
    McpException refused = catchThrowableOfType(McpException.class, () -> NpyFile.write(tensor));
    assertThat(refused).hasMessage("a .npy file cannot hold elements of type " + type);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      quoteCharacter = '`',
      value = {
        "{'descr': '|O', 'fortran_order': False, 'shape': (1,)} ~ elements of kind '|O'",
        "{'descr': '<M8[ns]', 'fortran_order': False, 'shape': (1,)} ~ elements of kind '<M8[ns]'",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (9,)} ~ elements of kind '<U0'",
        "{'descr': '<U2147483647', 'fortran_order': False, 'shape': (1,)} ~ elements of kind",
        "{'descr': '', 'fortran_order': False, 'shape': (1,)} ~ elements of kind ''",
        "{'descr': '<', 'fortran_order': False, 'shape': (1,)} ~ elements of kind '<'",
        "{'descr': 'f4', 'fortran_order': False, 'shape': (1,)} ~ elements of kind 'f4'",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)} ~ lacks a plain 'descr'",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,)} ~ lacks 'fortran_order'",
        "{'descr': '<f4', 'fortran_order': False} ~ lacks 'shape'",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (a,)} ~ has the dimension 'a'",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} ~ 8 bytes of data, <f4[3] needs",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} ~ 8 bytes of data, <f4[1] needs",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 2)} ~ be counted",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904,)} ~ 8 bytes",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)} ~ negative dimension",
        "{'descr': '|b1', 'fortran_order': False, 'shape': (8,)} ~ has a bool of value 2",
        "nothing ~ is no dictionary"
      })
  void refusesHeadersThatNoTensorFits(String header, String message) {
    McpException refused =
        catchThrowableOfType(McpException.class, () -> read(header, "0100010002010001"));
    assertThat(refused).isNotNull();
    assertThat(refused.code()).isIn(ErrorCode.INVALID_ARGUMENT, ErrorCode.INVALID_TENSOR);
    assertThat(refused).hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"00d8", "ffffffff"})
  void refusesStringsThatAreNoText(String hex) {
    String header = hex.length() == 4 ? "|S2" : "<U1";
    String text = "{'descr': '" + header + "', 'fortran_order': False, 'shape': (1,)}";
    assertThat(catchThrowableOfType(McpException.class, () -> read(text, hex)).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  @Test
  void refusesEveryTruncationOfAFile() {
    byte[] file = NpyFile.write(Tensor.of("x", new float[] {1, 2, 3}));
    for (int length = 0; length < file.length; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      McpException refused = catchThrowableOfType(McpException.class, () -> NpyFile.read("x", cut));
      assertThat(refused).as("%d bytes", length).isNotNull();
    }
  }

  @Test
  void refusesAHeaderLongerThanItsLimit() {
    byte[] file = file(" ".repeat(10), "");
    file[6] = 2;
    file[11] = 0x7F;
    assertThat(catchThrowableOfType(McpException.class, () -> NpyFile.read("x", file)))
        .hasMessageContaining("the .npy header claims");
    file[6] = 4;
    assertThat(catchThrowableOfType(McpException.class, () -> NpyFile.read("x", file)))
        .hasMessage("the .npy file has version 4, expected 1, 2 or 3");
  }

  private static Tensor read(String header, String dataHex) {
    return NpyFile.read("x", file(header, dataHex));
  }

  /** A file of version 1.0: magic, version, header length, header, data. */
  private static byte[] file(String header, String dataHex) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0});
    out.write(header.length());
    out.write(header.length() >>> 8);
    out.writeBytes(header.getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(HexFormat.of().parseHex(dataHex));
    return out.toByteArray();
  }
}
