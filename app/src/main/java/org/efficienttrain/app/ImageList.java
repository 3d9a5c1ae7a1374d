package org.efficienttrain.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.efficienttrain.images.dataset.Datasets;
import org.efficienttrain.training.UserError;

/** The images that a command line names: files, folders, patterns, a list on standard input. */
final class ImageList {
  /** Stands for standard input. */
  private static final String INPUT = "-";

  /** Lines of standard input that are worked on together at most. */
  private static final int LARGEST_BLOCK = 8192;

  private ImageList() {}

  /**
   * Hands out the files in the order of the words: all that words name at once, and of standard
   * input what is there, so that a program that writes its list slowly gets its answers early.
   *
   * @throws UserError if a word names nothing
   */
  static void forEach(List<String> words, Consumer<List<Path>> block) {
    List<Path> files = new ArrayList<>();
    for (String word : words) {
      if (!word.equals(INPUT)) {
        files.addAll(named(word));
        continue;
      }
      if (!files.isEmpty()) {
        block.accept(files);
        files = new ArrayList<>();
      }
      readInput(block);
    }
    if (!files.isEmpty()) {
      block.accept(files);
    }
  }

  private static List<Path> named(String word) {
    Path path = Path.of(word);
    if (Files.isDirectory(path)) {
      List<Path> files = Datasets.imagesBelow(path);
      if (files.isEmpty()) {
        throw new UserError("the folder %s holds no images".formatted(word));
      }
      return files;
    }
    if (Files.exists(path)) {
      return List.of(path);
    }
    if (word.chars().noneMatch(c -> "*?[{".indexOf(c) >= 0)) {
      throw new UserError("there is no image %s: it does not exist".formatted(word));
    }
    List<Path> files = matching(word);
    if (files.isEmpty()) {
      throw new UserError("the pattern %s fits no file".formatted(word));
    }
    return files;
  }

  /** Files that a pattern of the shell's kind fits; {@code **} crosses folders. */
  private static List<Path> matching(String pattern) {
    Path start = Path.of("");
    Path whole = Path.of(pattern);
    Path fixed = whole.isAbsolute() ? whole.getRoot() : start;
    for (Path part : whole) {
      if (part.toString().chars().anyMatch(c -> "*?[{".indexOf(c) >= 0)) {
        break;
      }
      fixed = fixed.resolve(part);
    }
    if (!Files.isDirectory(fixed)) {
      return List.of();
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
    int depth = pattern.contains("**") ? Integer.MAX_VALUE : whole.getNameCount();
    try (Stream<Path> walk = Files.walk(fixed, depth)) {
      return walk.filter(matcher::matches).filter(Files::isRegularFile).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new UserError("cannot look for %s: %s".formatted(pattern, e.getMessage()), e);
    }
  }

  private static void readInput(Consumer<List<Path>> block) {
    try {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      List<Path> files = new ArrayList<>();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        if (!line.isBlank()) {
          files.add(Path.of(line));
        }
        if (!files.isEmpty() && (files.size() == LARGEST_BLOCK || !in.ready())) {
          block.accept(files);
          files = new ArrayList<>();
        }
      }
      if (!files.isEmpty()) {
        block.accept(files);
      }
    } catch (IOException e) {
      throw new UserError("the list on standard input cannot be read: " + e.getMessage(), e);
    }
  }
}
