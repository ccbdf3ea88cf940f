package dev.noether.runtime;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as the header of a model has it: objects, arrays, strings and whole numbers, in bounded
 * depth. Anything else is a damaged file.
 */
final class Json {
  private static final int DEPTH = 32;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** Maps, lists, strings and longs. */
  static Object parse(String text) throws ModelFileException {
    Json json = new Json(text);
    Object value = json.value(0);
    json.blanks();
    if (json.at != text.length()) {
      throw json.damaged("text behind the end");
    }
    return value;
  }

  private ModelFileException damaged(String what) {
    return new ModelFileException("the model's header is damaged: " + what + " at character " + at);
  }

  private void blanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws ModelFileException {
    blanks();
    if (at >= text.length()) {
      throw damaged("an end too early");
    }
    return text.charAt(at);
  }

  private void expect(char wanted) throws ModelFileException {
    if (peek() != wanted) {
      throw damaged("'" + wanted + "' expected");
    }
    at++;
  }

  private Object value(int depth) throws ModelFileException {
    if (depth > DEPTH) {
      throw damaged("more than " + DEPTH + " levels");
    }
    char first = peek();
    if (first == '{') {
      return object(depth);
    }
    if (first == '[') {
      return array(depth);
    }
    return first == '"' ? string() : number();
  }

  private Map<String, Object> object(int depth) throws ModelFileException {
    Map<String, Object> object = new LinkedHashMap<>();
    expect('{');
    if (peek() == '}') {
      at++;
      return object;
    }
    while (true) {
      if (peek() != '"') {
        throw damaged("a name expected");
      }
      String name = string();
      expect(':');
      if (object.put(name, value(depth + 1)) != null) {
        throw damaged("a name that stands twice");
      }
      if (peek() == '}') {
        at++;
        return object;
      }
      expect(',');
    }
  }

  private List<Object> array(int depth) throws ModelFileException {
    List<Object> array = new ArrayList<>();
    expect('[');
    if (peek() == ']') {
      at++;
      return array;
    }
    while (true) {
      array.add(value(depth + 1));
      if (peek() == ']') {
        at++;
        return array;
      }
      expect(',');
    }
  }

  private String string() throws ModelFileException {
    expect('"');
    StringBuilder result = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return result.toString();
      }
      result.append(c == '\\' ? escaped() : c);
    }
    throw damaged("a text without end");
  }

  private char escaped() throws ModelFileException {
    char c = at < text.length() ? text.charAt(at++) : 0;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'n' -> '\n';
      case 't' -> '\t';
      case 'r' -> '\r';
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'u' -> unicode();
      default -> throw damaged("an unknown escape");
    };
  }

  private char unicode() throws ModelFileException {
    if (at + 4 > text.length()) {
      throw damaged("an end too early");
    }
    int code = 0;
    for (int i = 0; i < 4; i++) {
      int digit = Character.digit(text.charAt(at++), 16);
      if (digit < 0) {
        throw damaged("an unknown escape");
      }
      code = 16 * code + digit;
    }
    return (char) code;
  }

  private Object number() throws ModelFileException {
    int start = at;
    if (text.charAt(at) == '-') {
      at++;
    }
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    try {
      return Long.parseLong(text.substring(start, at));
    } catch (NumberFormatException e) {
      throw damaged("no whole number");
    }
  }
}
