package org.efficienttrain.training.task;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.efficienttrain.training.UserError;
import org.efficienttrain.training.batch.Normalisation;
import org.efficienttrain.training.recipe.Recipe;

/**
 * What a finished weight file says about itself, so that it can be used without its recipe: the
 * metadata of {@code model.safetensors}. Values are text; lists and the recipe are JSON.
 *
 * @param model name of the backbone
 * @param classes names of the classes in the order of the outputs
 * @param imageSize side in pixels of the images
 * @param evaluationCrop share of the shorter side that the centre crop keeps
 * @param mean mean of red, green and blue, taken off before the network, in 0..1
 * @param std deviation of red, green and blue, divided by
 * @param recipe every key of the recipe, as JSON; empty where unknown
 */
public record ModelMetadata(
    String model,
    List<String> classes,
    int imageSize,
    double evaluationCrop,
    List<Double> mean,
    List<Double> std,
    String recipe) {
  private static final ObjectMapper JSON = new ObjectMapper();

  public static ModelMetadata of(Recipe recipe, List<String> classes) {
    return new ModelMetadata(
        recipe.model(),
        classes,
        recipe.imageSize(),
        recipe.evaluationCrop(),
        list(Normalisation.mean()),
        list(Normalisation.std()),
        write(recipe.toMap()));
  }

  private static List<Double> list(double[] values) {
    return List.of(values[0], values[1], values[2]);
  }

  /** As the metadata of a weight file. */
  public Map<String, String> toMap() {
    Map<String, String> out = new LinkedHashMap<>();
    out.put("format", "pt");
    out.put("model", model);
    out.put("classes", write(classes));
    out.put("imageSize", String.valueOf(imageSize));
    out.put("evaluationCrop", String.valueOf(evaluationCrop));
    out.put("mean", write(mean));
    out.put("std", write(std));
    out.put("recipe", recipe);
    return out;
  }

  /**
   * Reads the metadata of a weight file.
   *
   * @return null where the file says nothing of this kind
   * @throws UserError if it says something that cannot be
   */
  public static ModelMetadata read(Map<String, String> metadata) {
    if (!metadata.containsKey("model") || !metadata.containsKey("classes")) {
      return null;
    }
    try {
      return new ModelMetadata(
          metadata.get("model"),
          JSON.readValue(metadata.get("classes"), new TypeReference<List<String>>() {}),
          Integer.parseInt(metadata.get("imageSize")),
          Double.parseDouble(metadata.getOrDefault("evaluationCrop", "0.875")),
          numbers(metadata.get("mean")),
          numbers(metadata.get("std")),
          metadata.getOrDefault("recipe", ""));
    } catch (JsonProcessingException | IllegalArgumentException e) {
      throw new UserError("the weight file's description of its model is damaged: train again", e);
    }
  }

  private static List<Double> numbers(String text) throws JsonProcessingException {
    return JSON.readValue(text, new TypeReference<List<Double>>() {});
  }

  private static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
