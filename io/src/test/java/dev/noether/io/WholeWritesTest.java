package dev.noether.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import org.junit.jupiter.api.Test;

class WholeWritesTest {
  /** Takes three bytes at a time, as long as it has room. */
  private static SeekableByteChannel disk(ByteBuffer room) {
    return (SeekableByteChannel)
        Proxy.newProxyInstance(
            WholeWritesTest.class.getClassLoader(),
            new Class<?>[] {SeekableByteChannel.class},
            (proxy, method, arguments) -> {
              ByteBuffer bytes = (ByteBuffer) arguments[0];
              int count = Math.min(3, Math.min(bytes.remaining(), room.remaining()));
              if (count == 0) {
                throw new IOException("No space left on device");
              }
              for (int i = 0; i < count; i++) {
                room.put(bytes.get());
              }
              return count;
            });
  }

  @Test
  void aWriteTakesAllBytesOrThrows() throws IOException {
    ByteBuffer room = ByteBuffer.allocate(10);
    WholeWrites channel = new WholeWrites(disk(room));
    assertThat(channel.write(ByteBuffer.wrap(new byte[7]))).isEqualTo(7);
    assertThat(room.position()).isEqualTo(7);
    assertThatThrownBy(() -> channel.write(ByteBuffer.wrap(new byte[4])))
        .hasMessage("No space left on device");
  }
}
