package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WavFileTest {
  private static final String RIFF = "52494646" + "00000000" + "57415645";

  /** "fmt ", 16 bytes, PCM, 1 channel, 16000 a second, 32000 bytes a second, 2 a block, 16 bits. */
  private static final String FORMAT =
      "666d7420" + "10000000" + "0100" + "0100" + "803e0000" + "007d0000" + "0200" + "1000";

  /** An odd chunk of another kind, with its padding byte. */
  private static final String LIST = "4c495354" + "03000000" + "616263" + "00";

  /** "data", 8 bytes: 0, 16384, 32767, -32768. */
  private static final String SOUND = "64617461" + "08000000" + "0000" + "0040" + "ff7f" + "0080";

  @Test
  void readsSamplesBetweenMinusOneAndOne() {
    WavFile file = WavFile.read(bytes(RIFF + FORMAT + SOUND));
    assertThat(file.sampleRate()).isEqualTo(16_000);
    assertThat(file.samples()).containsExactly(0, 0.5f, 32767 / 32768f, -1);
  }

  @Test
  void skipsChunksThatItDoesNotKnow() {
    assertThat(WavFile.read(bytes(RIFF + LIST + FORMAT + LIST + SOUND + LIST)).samples())
        .hasSize(4);
  }

  @Test
  void readsASoundThatIsCutShort() {
    byte[] file = bytes(RIFF + FORMAT + SOUND);
    assertThat(WavFile.read(Arrays.copyOf(file, file.length - 3)).samples())
        .containsExactly(0, 0.5f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "52494646",
        "52494646" + "00000000" + "41564920",
        RIFF,
        RIFF + FORMAT,
        RIFF + SOUND,
        RIFF + "666d7420" + "04000000" + "01000100" + SOUND,
        RIFF + "666d7420" + "10000000" + "0300" + "0100" + "803e0000007d0000" + "02001000" + SOUND,
        RIFF + "666d7420" + "10000000" + "0100" + "0200" + "803e0000007d0000" + "02001000" + SOUND,
        RIFF + "666d7420" + "10000000" + "0100" + "0100" + "803e0000007d0000" + "02000800" + SOUND,
        RIFF + "666d7420" + "10000000" + "0100" + "0100" + "00000000007d0000" + "02001000" + SOUND,
        RIFF + "4c495354" + "ffffffff" + "00"
      })
  void refusesWhatIsNoPlainSound(String hex) {
    McpException refused = catchThrowableOfType(McpException.class, () -> WavFile.read(bytes(hex)));
    assertThat(refused).isNotNull();
    assertThat(refused.code()).isEqualTo(ErrorCode.INVALID_ARGUMENT);
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex);
  }
}
