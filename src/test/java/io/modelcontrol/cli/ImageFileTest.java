package io.modelcontrol.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.modelcontrol.ErrorCode;
import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageFileTest {
  @Test
  void colorIsRedGreenBlue() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
    image.setRGB(0, 0, 0x010203);
    image.setRGB(1, 0, 0xFFFEFD);
    Tensor tensor = ImageFile.read("x", encode(image, "png"));
    assertThat(tensor).hasToString("x UINT8[1, 2, 3]");
    assertThat(tensor.toByteArray()).containsExactly(1, 2, 3, 0xFF, 0xFE, 0xFD);
  }

  @Test
  void graySamplesAreTakenAsTheyAre() throws IOException {
    BufferedImage image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    byte[] ramp = new byte[256];
    for (int i = 0; i < ramp.length; i++) {
      ramp[i] = (byte) i;
    }
    image.getRaster().setDataElements(0, 0, 256, 1, ramp);
    Tensor tensor = ImageFile.read("x", encode(image, "png"));
    assertThat(tensor).hasToString("x UINT8[1, 256, 1]");
    assertThat(tensor.toByteArray()).isEqualTo(ramp);
    assertThat(ImageFile.read("x", encode(image, "jpeg")).dimension(2)).isEqualTo(1);
  }

  @Test
  void sixteenBitsKeepTheirUpperEight() throws IOException {
    BufferedImage image = new BufferedImage(2, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSample(0, 0, 0, 0x12FF);
    image.getRaster().setSample(1, 0, 0, 0xFFFF);
    assertThat(ImageFile.read("x", encode(image, "png")).toByteArray()).containsExactly(0x12, 0xFF);
  }

  @Test
  void transparencyIsLaidOntoWhite() throws IOException {
    BufferedImage image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00102030);
    image.setRGB(1, 0, 0xFF102030);
    image.setRGB(2, 0, 0x80_00_FF_64);
    // 0x80: (0 * 128 + 255 * 127) / 255 = 127, 255, (100 * 128 + 255 * 127) / 255 = 177.2
    assertThat(ImageFile.read("x", encode(image, "png")).toByteArray())
        .containsExactly(255, 255, 255, 16, 32, 48, 127, 255, 177);
  }

  @Test
  void aPaletteOfGraysIsGray() throws IOException {
    byte[] grays = {0, 100, (byte) 200, (byte) 255};
    IndexColorModel gray = new IndexColorModel(2, 4, grays, grays, grays);
    BufferedImage image = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_INDEXED, gray);
    image.getRaster().setPixels(0, 0, 4, 1, new int[] {3, 2, 1, 0});
    Tensor tensor = ImageFile.read("x", encode(image, "png"));
    assertThat(tensor.shape()).containsExactly(1, 4, 1);
    assertThat(tensor.toByteArray()).containsExactly(255, 200, 100, 0);
    IndexColorModel colors = new IndexColorModel(2, 4, grays, new byte[4], grays);
    BufferedImage colored = new BufferedImage(4, 1, BufferedImage.TYPE_BYTE_INDEXED, colors);
    assertThat(ImageFile.read("x", encode(colored, "png")).dimension(2)).isEqualTo(3);
    assertThat(colored.getRaster().getTransferType()).isEqualTo(DataBuffer.TYPE_BYTE);
  }

  @ParameterizedTest
  @CsvSource({"16385, 1", "1, 16385", "16384, 16384", "2147483647, 2147483647"})
  void refusesALargeImageBeforeItIsDecoded(int width, int height) throws IOException {
    byte[] file = encode(new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY), "png");
    // The header chunk: length, "IHDR", width, height, five bytes, CRC; it begins at offset 8.
    ByteBuffer.wrap(file).putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(file, 12, 17);
    ByteBuffer.wrap(file).putInt(29, (int) crc.getValue());
    assertThat(refusal(file)).hasMessageContaining("the image has " + width + " x " + height);
  }

  @Test
  void refusesWhatIsNoImageAndEveryTruncation() throws IOException {
    assertThat(refusal(new byte[0])).hasMessage("this is neither a PNG nor a JPEG file");
    assertThat(refusal("GIF89a......".getBytes(StandardCharsets.US_ASCII)).code())
        .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    byte[] file = encode(new BufferedImage(9, 9, BufferedImage.TYPE_INT_RGB), "png");
    for (int length = 9; length < 41; length++) {
      byte[] cut = Arrays.copyOf(file, length);
      assertThat(refusal(cut)).as("%d bytes", length).hasMessage("this png file cannot be decoded");
    }
  }

  private static McpException refusal(byte[] file) {
    McpException refused =
        catchThrowableOfType(McpException.class, () -> ImageFile.read("x", file));
    assertThat(refused).isNotNull();
    return refused;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }
}
