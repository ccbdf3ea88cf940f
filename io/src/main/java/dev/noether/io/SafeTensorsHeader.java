package dev.noether.io;

import dev.noether.algebra.Limits;
import dev.noether.io.bytes.JsonText;
import dev.noether.io.bytes.StoredType;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The header of a safetensors file, read word by word: nothing is kept of what a file may claim but
 * what a tensor needs.
 */
final class SafeTensorsHeader {
  static final String METADATA = "__metadata__";

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /** A tensor and its bytes, counted from the end of the header. */
  record Place(TensorFile.Entry entry, Optional<StoredType> type, long begin, long end) {}

  private final Map<String, Place> places = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();

  private SafeTensorsHeader() {}

  /** Reads a header before so many bytes of data. */
  static SafeTensorsHeader read(byte[] json, long size) throws DamagedFileException {
    JsonText.requireUtf8("its header", json);
    if (json[0] != '{' || json[1] == 0) {
      throw new DamagedFileException("its header is not a JSON object");
    }
    SafeTensorsHeader header = new SafeTensorsHeader();
    try (JsonParser parser = MAPPER.createParser(new ByteArrayInputStream(json))) {
      header.read(parser);
    } catch (JacksonException e) {
      throw new DamagedFileException("its header is not JSON: " + JsonText.problem(e), e);
    }
    header.requireCovered(size);
    return header;
  }

  Map<String, Place> places() {
    return places;
  }

  Map<String, String> texts() {
    return texts;
  }

  private void read(JsonParser parser) throws DamagedFileException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      parser.nextToken();
      if (name.equals(METADATA)) {
        readTexts(parser);
      } else {
        places.put(name, place(name, parser));
        DamagedFileException.requireAtMost(
            "the file has more tensors than any model", places.size(), Limits.ENTRIES);
      }
    }
    if (parser.nextToken() != null) {
      throw new DamagedFileException("its header goes on after its JSON object");
    }
  }

  private void readTexts(JsonParser parser) throws DamagedFileException {
    if (parser.currentToken() != JsonToken.START_OBJECT) {
      throw new DamagedFileException(
          METADATA + " must be an object of texts, got " + parser.getString());
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (parser.nextToken() != JsonToken.VALUE_STRING) {
        throw new DamagedFileException(METADATA + " holds texts, got " + parser.getString());
      }
      texts.put(name, parser.getString());
      DamagedFileException.requireAtMost(
          "the file has more texts than any model", texts.size(), Limits.ENTRIES);
    }
  }

  private static Place place(String name, JsonParser parser) throws DamagedFileException {
    @Nullable String dtype = null;
    @Nullable List<Long> shape = null;
    @Nullable List<Long> offsets = null;
    boolean isObject = parser.currentToken() == JsonToken.START_OBJECT;
    while (isObject && parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String field = parser.currentName();
      JsonToken token = parser.nextToken();
      if (field.equals("dtype") && token == JsonToken.VALUE_STRING) {
        dtype = parser.getString();
      } else if (field.equals("shape") && token == JsonToken.START_ARRAY) {
        shape = numbers(name, parser);
      } else if (field.equals("data_offsets") && token == JsonToken.START_ARRAY) {
        offsets = numbers(name, parser);
      } else {
        parser.skipChildren();
      }
    }
    if (dtype == null || shape == null || offsets == null || offsets.size() != 2) {
      throw new DamagedFileException("'" + name + "' needs a dtype, a shape and two data_offsets");
    }
    return place(name, dtype, shape, offsets.get(0), offsets.get(1));
  }

  private static Place place(String name, String dtype, List<Long> shape, long begin, long end)
      throws DamagedFileException {
    if (end < begin) {
      throw new DamagedFileException("'" + name + "' ends before it begins, at " + end);
    }
    Optional<StoredType> type = StoredType.named(dtype);
    if (type.isEmpty()) {
      String refusal = "has the dtype " + dtype + ", which is not read; the other tensors are";
      return new Place(
          new TensorFile.Entry(dtype, shape, end - begin, Optional.of(refusal)), type, begin, end);
    }
    try {
      long needed = type.get().bytes(shape);
      if (end - begin != needed) {
        throw new DamagedFileException(
            String.format(
                Locale.ROOT,
                "'%s' needs %d bytes for its shape, its offsets give %d",
                name,
                needed,
                end - begin));
      }
    } catch (ArithmeticException e) {
      throw new DamagedFileException("'" + name + "' has a shape beyond any memory: " + shape, e);
    }
    return new Place(
        new TensorFile.Entry(type.get().dtype(), shape, end - begin), type, begin, end);
  }

  private static List<Long> numbers(String name, JsonParser parser) throws DamagedFileException {
    List<Long> numbers = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      boolean isLong =
          parser.currentToken() == JsonToken.VALUE_NUMBER_INT
              && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
      if (!isLong || parser.getLongValue() < 0) {
        throw new DamagedFileException(
            "'" + name + "' has " + parser.getString() + " where a number from 0 on must be");
      }
      numbers.add(parser.getLongValue());
      DamagedFileException.requireAtMost(
          "'" + name + "' has more axes than LibTorch knows", numbers.size(), Limits.AXES);
    }
    return numbers;
  }

  /** The tensors lie side by side, from the first byte of the data to its last. */
  private void requireCovered(long size) throws DamagedFileException {
    List<Map.Entry<String, Place>> sorted = new ArrayList<>(places.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Place> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long next = 0;
    for (Map.Entry<String, Place> e : sorted) {
      if (e.getValue().begin() != next) {
        throw new DamagedFileException(
            "'" + e.getKey() + "' begins at " + e.getValue().begin() + ", expected " + next);
      }
      next = e.getValue().end();
    }
    if (next != size) {
      throw new DamagedFileException("its tensors take " + next + " bytes, the file has " + size);
    }
  }
}
