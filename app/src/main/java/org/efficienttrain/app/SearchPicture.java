package org.efficienttrain.app;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.efficienttrain.app.chart.SearchChart;
import org.efficienttrain.curriculum.search.Decision;
import org.efficienttrain.curriculum.search.Measured;
import org.efficienttrain.curriculum.search.SearchResult;
import org.efficienttrain.training.search.CurriculumSearch;

/** Draws what a search tried. */
final class SearchPicture {
  private SearchPicture() {}

  /** Writes {@code search.png} into the folder of the search, and says where. */
  static Path write(CurriculumSearch search, SearchResult result) {
    List<SearchChart.Dot> dots = new ArrayList<>();
    for (int i = 0; i < result.decisions().size(); i++) {
      Decision decision = result.decisions().get(i);
      for (Decision.Option option : decision.options()) {
        Measured m = option.measured();
        dots.add(
            new SearchChart.Dot(
                m.candidate().name(),
                search.equivalentEpochs(m),
                m.mean(),
                m.standardError(),
                i,
                m.candidate().name().equals(decision.chosen())));
      }
    }
    Path file = search.runs().options().out().resolve("search.png");
    String title =
        "%s search with %s"
            .formatted(
                search.algorithm().settings().get("algorithm"), search.runs().base().model());
    List<String> decisions =
        result.decisions().stream()
            .map(d -> d.withinNoise() ? d.what() + ", within the noise" : d.what())
            .toList();
    Pictures.write(SearchChart.draw(title, decisions, dots), file);
    return file;
  }
}
