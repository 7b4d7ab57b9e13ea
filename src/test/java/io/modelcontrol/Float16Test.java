package io.modelcontrol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Float16Test {
  @Test
  void everyValueSurvivesTheWayToFloatAndBack() {
    for (int bits = 0; bits <= 0xFFFF; bits++) {
      float value = Float16.toFloat((short) bits);
      if (Float.isNaN(value)) {
        assertThat(Float.isNaN(Float16.toFloat(Float16.toBits(value)))).isTrue();
      } else {
        assertThat(Float16.toBits(value)).isEqualTo((short) bits);
      }
    }
  }

  @Test
  void knownValuesHaveTheirKnownBits() {
    assertThat(Float16.toBits(1f)).isEqualTo((short) 0x3C00);
    assertThat(Float16.toBits(-2f)).isEqualTo((short) 0xC000);
    assertThat(Float16.toBits(Float16.MAX_VALUE)).isEqualTo((short) 0x7BFF);
    assertThat(Float16.toBits(0x1p-24f)).isEqualTo((short) 0x0001);
    assertThat(Float16.toBits(0.1f)).isEqualTo((short) 0x2E66);
    assertThat(Float16.toBits(-0f)).isEqualTo((short) 0x8000);
  }

  @Test
  void roundsToTheNearestAndTiesToEven() {
    assertThat(Float16.toFloat(Float16.toBits(2049f))).isEqualTo(2048f);
    assertThat(Float16.toFloat(Float16.toBits(2051f))).isEqualTo(2052f);
    assertThat(Float16.toFloat(Float16.toBits(0x1.8p-24f))).isEqualTo(0x1p-23f);
    assertThat(Float16.toFloat(Float16.toBits(0x1p-25f))).isEqualTo(0f);
    assertThat(Float16.toFloat(Float16.toBits(65519.99f))).isEqualTo(65504f);
    assertThat(Float16.toFloat(Float16.toBits(65520f))).isEqualTo(Float.POSITIVE_INFINITY);
  }

  @Test
  void noNeighborIsNearerThanTheOneChosen() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      float value = (float) ((random.nextDouble() - 0.5) * Math.pow(2, random.nextInt(45) - 28));
      short chosen = Float16.toBits(value);
      double distance = Math.abs((double) Float16.toFloat(chosen) - value);
      for (int step = -1; step <= 1; step += 2) {
        double other = Math.abs((double) Float16.toFloat((short) (chosen + step)) - value);
        if (!Double.isNaN(other)) {
          assertThat(distance).as("seed %d, value %s", seed, value).isLessThanOrEqualTo(other);
        }
      }
    }
  }

  @Test
  void bfloat16IsTheUpperHalfRoundedToEven() {
    assertThat(Float16.toBfloat16Bits(1f)).isEqualTo((short) 0x3F80);
    assertThat(Float16.toBfloat16Bits(Float.intBitsToFloat(0x3F80_8000))).isEqualTo((short) 0x3F80);
    assertThat(Float16.toBfloat16Bits(Float.intBitsToFloat(0x3F81_8000))).isEqualTo((short) 0x3F82);
    assertThat(Float16.toBfloat16Bits(Float.MAX_VALUE)).isEqualTo((short) 0x7F80);
    assertThat(Float16.fromBfloat16Bits(Float16.toBfloat16Bits(Float.NaN))).isNaN();
    assertThat(Float16.fromBfloat16Bits((short) 0xC040)).isEqualTo(-3f);
  }
}
