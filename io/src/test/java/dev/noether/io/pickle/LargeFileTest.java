package dev.noether.io.pickle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.noether.io.TensorFile;
import dev.noether.io.TensorFormat;
import dev.noether.io.bytes.NativeBytes;
import dev.noether.io.bytes.StoredType;
import dev.noether.torch.LibTorch;
import dev.noether.torch.Tensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files beyond 2 and 4 GB: sparse on the disk, so that they cost nothing. */
class LargeFileTest {
  private static final long LARGE = 5L << 30;

  @TempDir private Path folder = Path.of("");

  /** A program of its own, so that the heap is small: prints a tensor, and the memory it took. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] arguments) throws IOException {
      LibTorch.load();
      long before = Pointer.physicalBytes();
      try (PointerScope scope = new PointerScope();
          TensorFile file = TensorFormat.open(Path.of(arguments[0]))) {
        System.out.print((long) Tensors.toArray(file.tensor("b"))[2] + " ");
      }
      System.out.print(((Pointer.physicalBytes() - before) >> 20) + " " + arguments.length);
    }
  }

  private static void assertReadLazily(Path file) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx32m",
                "-Dorg.bytedeco.javacpp.maxPhysicalBytes=0",
                "-cp",
                System.getProperty("java.class.path"),
                Reader.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String[] words = output.split(" ");
    assertThat(words).hasSize(3);
    assertThat(words[0]).isEqualTo("9");
    assertThat(Integer.parseInt(words[1])).isLessThan(64);
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  private FileChannel create(Path path) throws IOException {
    return FileChannel.open(
        path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE);
  }

  @Test
  void aTensorBehindFiveGigabytesOfSafetensorsIsReadAlone() throws Exception {
    String header =
        String.format(
            "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
                + "\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[%d,%d]}}",
            LARGE, LARGE, LARGE, LARGE + 3);
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    Path path = folder.resolve("large.safetensors");
    try (FileChannel channel = create(path)) {
      channel.write(buffer(8 + json.length).putLong(json.length).put(json).flip());
      channel.write(ByteBuffer.wrap(new byte[] {7, 8, 9}), 8 + json.length + LARGE);
    }
    assertReadLazily(path);
  }

  @Test
  void aTensorBehindFiveGigabytesOfPyTorchIsReadAlone() throws Exception {
    Path path = folder.resolve("large.pt");
    Pickler pickler = new Pickler();
    pickler.tensor("a", StoredType.U8, "0", LARGE);
    pickler.tensor("b", StoredType.U8, "1", 3);
    try (FileChannel channel = create(path)) {
      SparseZip zip = new SparseZip(channel);
      zip.put("x/data.pkl", pickler.end());
      zip.hole("x/data/0", LARGE);
      zip.put("x/data/1", new byte[] {7, 8, 9});
      zip.end();
    }
    assertReadLazily(path);
  }

  /** A zip archive with 64-bit sizes and places, and an entry whose bytes are a hole. */
  private static final class SparseZip {
    private final FileChannel channel;
    private final ByteBuffer directory = buffer(1 << 10);
    private int entries;

    SparseZip(FileChannel channel) {
      this.channel = channel;
    }

    private void header(String name, long size, long crc) throws IOException {
      long place = channel.position();
      byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
      ByteBuffer local = buffer(30 + bytes.length + 20);
      local.putInt(0x04034b50).putShort((short) 45).putLong(0).putInt((int) crc).putLong(-1);
      local.putShort((short) bytes.length).putShort((short) 20).put(bytes);
      local.putShort((short) 1).putShort((short) 16).putLong(size).putLong(size);
      channel.write(local.flip());
      directory.putInt(0x02014b50).putInt(45 << 16 | 45).putLong(0).putInt((int) crc).putLong(-1);
      directory.putShort((short) bytes.length).putShort((short) 28).putShort((short) 0);
      directory.putLong(0).putInt(-1).put(bytes);
      directory.putShort((short) 1).putShort((short) 24).putLong(size).putLong(size);
      directory.putLong(place);
      entries++;
    }

    void put(String name, byte[] content) throws IOException {
      CRC32 crc = new CRC32();
      crc.update(content);
      header(name, content.length, crc.getValue());
      channel.write(ByteBuffer.wrap(content));
    }

    void hole(String name, long size) throws IOException {
      header(name, size, 0);
      channel.position(channel.position() + size);
    }

    void end() throws IOException {
      long place = channel.position();
      int size = directory.position();
      channel.write(directory.flip());
      ByteBuffer end = buffer(56 + 20 + 22);
      end.putInt(0x06064b50).putLong(44).putInt(45 << 16 | 45).putLong(0);
      end.putLong(entries).putLong(entries).putLong(size).putLong(place);
      end.putInt(0x07064b50).putInt(0).putLong(place + size).putInt(1);
      end.putInt(0x06054b50).putInt(0).putInt(-1).putInt(-1).putInt(-1).putShort((short) 0);
      channel.write(end.flip());
    }
  }

  @Test
  void everyByteOfATensorBeyondFourGigabytesIsVisited() throws IOException {
    try (PointerScope scope = new PointerScope()) {
      Tensor tensor = NativeBytes.empty("a", StoredType.U8, LARGE);
      long[] visited = {0};
      NativeBytes.forEach(
          tensor,
          LARGE,
          piece -> {
            piece.put(0, (byte) (visited[0] >> 26));
            visited[0] += piece.remaining();
          });
      assertThat(visited[0]).isEqualTo(LARGE);
      for (long place = 0; place < LARGE; place += 1 << 26) {
        assertThat(tensor.select(0, place).item_byte()).isEqualTo((byte) (place >> 26));
      }
    }
  }
}
