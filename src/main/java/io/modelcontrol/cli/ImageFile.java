package io.modelcontrol.cli;

import io.modelcontrol.McpException;
import io.modelcontrol.Tensor;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;

/**
 * PNG and JPEG files as tensors: UINT8 [height, width, channels], 1 channel where the file is gray,
 * else 3 in the order red, green, blue (sRGB). Transparent pixels are laid onto white; 16-bit
 * samples keep their upper 8 bits. The orientation that a camera notes beside the pixels is
 * ignored.
 */
public final class ImageFile {
  /** Pixels of a width or a height. */
  public static final int MAX_SIZE = 16_384;

  /** Pixels in all; decoding takes some eight bytes for each. */
  public static final int MAX_PIXELS = 64 << 20;

  private static final int WHITE = 255;

  static {
    // No window is ever opened, and servers have no display to open one on.
    if (System.getProperty("java.awt.headless") == null) {
      System.setProperty("java.awt.headless", "true");
    }
    ImageIO.setUseCache(false);
  }

  private ImageFile() {}

  /** Whether a file begins as PNG or JPEG files do. */
  public static boolean recognizes(byte[] file) {
    return formatOf(file) != null;
  }

  /**
   * Decodes a whole file.
   *
   * @param name the tensor's
   * @throws McpException INVALID_ARGUMENT if it is no PNG or JPEG file, damaged, or too large
   */
  public static Tensor read(String name, byte[] file) {
    String format = formatOf(file);
    if (format == null) {
      throw BadInput.of("this is neither a PNG nor a JPEG file");
    }
    BufferedImage image = decode(format, file);
    return isGray(image.getColorModel()) ? gray(name, image) : color(name, image);
  }

  private static String formatOf(byte[] file) {
    if (file.length > 8 && file[0] == (byte) 0x89 && file[1] == 'P' && file[2] == 'N') {
      return "png";
    }
    boolean jpeg = file.length > 3 && file[0] == (byte) 0xFF && file[1] == (byte) 0xD8;
    return jpeg ? "jpeg" : null;
  }

  private static BufferedImage decode(String format, byte[] file) {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (!readers.hasNext()) {
      throw BadInput.of("this Java runtime cannot decode " + format + " files");
    }
    ImageReader reader = readers.next();
    try (ImageInputStream in = ImageIO.createImageInputStream(new ByteArrayInputStream(file))) {
      // Metadata is skipped: it may inflate to far more than the pixels.
      reader.setInput(in, true, true);
      checkSize(reader.getWidth(0), reader.getHeight(0));
      return reader.read(0);
    } catch (McpException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // The decoders answer damaged files with unchecked exceptions of many kinds.
      throw BadInput.of("this " + format + " file cannot be decoded", e);
    } finally {
      reader.dispose();
    }
  }

  private static void checkSize(int width, int height) {
    if (width < 1
        || height < 1
        || width > MAX_SIZE
        || height > MAX_SIZE
        || (long) width * height > MAX_PIXELS) {
      throw BadInput.of(
          "the image has "
              + width
              + " x "
              + height
              + " pixels, at most "
              + MAX_SIZE
              + " a side and "
              + MAX_PIXELS
              + " in all");
    }
  }

  private static boolean isGray(ColorModel model) {
    if (!(model instanceof IndexColorModel palette)) {
      return model.getNumColorComponents() == 1;
    }
    for (int i = 0; i < palette.getMapSize(); i++) {
      int rgb = palette.getRGB(i);
      if ((rgb >> 16 & 0xFF) != (rgb & 0xFF) || (rgb >> 8 & 0xFF) != (rgb & 0xFF)) {
        return false;
      }
    }
    return true;
  }

  private static Tensor gray(String name, BufferedImage image) {
    byte[] pixels = new byte[image.getWidth() * image.getHeight()];
    if (image.getColorModel() instanceof IndexColorModel) {
      fill(image, pixels, 1);
    } else {
      fillGray(image, pixels);
    }
    return Tensor.of(name, pixels, image.getHeight(), image.getWidth(), 1);
  }

  /**
   * Takes the samples as they are: the conversion to RGB would treat gray as linear light and
   * change every value.
   */
  private static void fillGray(BufferedImage image, byte[] pixels) {
    Raster raster = image.getRaster();
    ColorModel model = image.getColorModel();
    int shift = Math.max(0, model.getComponentSize(0) - 8);
    int width = image.getWidth();
    int[] values = new int[width];
    int[] alphas = new int[width];
    for (int y = 0; y < image.getHeight(); y++) {
      raster.getSamples(0, y, width, 1, 0, values);
      if (model.hasAlpha()) {
        raster.getSamples(0, y, width, 1, 1, alphas);
      }
      for (int x = 0; x < width; x++) {
        int alpha = model.hasAlpha() ? alphas[x] >> shift : WHITE;
        pixels[y * width + x] = ontoWhite(values[x] >> shift, alpha);
      }
    }
  }

  private static Tensor color(String name, BufferedImage image) {
    byte[] pixels = new byte[image.getWidth() * image.getHeight() * 3];
    fill(image, pixels, 3);
    return Tensor.of(name, pixels, image.getHeight(), image.getWidth(), 3);
  }

  private static void fill(BufferedImage image, byte[] pixels, int channels) {
    int width = image.getWidth();
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < image.getHeight(); y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int alpha = argb >>> 24;
        for (int c = 0; c < channels; c++) {
          pixels[at++] = ontoWhite(argb >> 16 - 8 * c & 0xFF, alpha);
        }
      }
    }
  }

  private static byte ontoWhite(int value, int alpha) {
    return (byte) ((value * alpha + WHITE * (WHITE - alpha) + WHITE / 2) / WHITE);
  }
}
