// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.export;

import ai.dsr.core.run.Progress;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.Drawn;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import ai.dsr.sample.provenance.Provenance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Draws the pictures of all prompts of a layout that are not there yet. */
public final class PromptExport {
    private final TextToImage pipeline;
    private final Provenance shared;

    /**
     * An export.
     *
     * @param pipeline draws, with the sampler and guidance of its own experiment
     * @param shared seed and bundle, for the pictures' text chunks
     */
    public PromptExport(TextToImage pipeline, Provenance shared) {
        this.pipeline = pipeline;
        this.shared = shared;
    }

    /** Steps of the progress that {@link #run} reports. */
    public static long work(PromptLayout layout, Experiment experiment) {
        TextRequest one = TextRequest.of("", layout.imagesEach(), 0);
        return layout.size() * TextToImage.work(one, experiment.sampler());
    }

    /**
     * Fills a layout; prompts that are done are left as they are.
     *
     * @return how many prompts were drawn
     * @throws IllegalArgumentException if pictures that are there come from another bundle, seed or sampler
     */
    public int run(PromptLayout layout, Progress progress) {
        Experiment experiment = pipeline.experiment();
        int drawn = 0;
        for (int i = 0; i < layout.size(); i++) {
            TextRequest request = TextRequest.of(layout.prompt(i), layout.imagesEach(), shared.seed());
            if (layout.isDone(i)) {
                requireSameOrigin(layout, i);
                progress.step(TextToImage.work(request, experiment.sampler()));
                continue;
            }
            Drawn images = pipeline.generate(request, experiment.sampler(), experiment.guidance(), progress);
            layout.write(i, images.images(), texts(layout.prompt(i), images));
            drawn++;
        }
        return drawn;
    }

    private List<Map<String, String>> texts(String prompt, Drawn drawn) {
        List<Map<String, String>> texts = new ArrayList<>();
        for (int i = 0; i < drawn.images().size(); i++) {
            texts.add(shared.of(Provenance.Condition.PROMPT, prompt, i, drawn.evaluations())
                    .toText());
        }
        return texts;
    }

    private void requireSameOrigin(PromptLayout layout, int i) {
        Provenance there = Provenance.read(layout.evidence(i));
        boolean same = there.value().equals(layout.prompt(i))
                && there.seed() == shared.seed()
                && there.parts().equals(shared.parts())
                && there.sampler().equals(shared.sampler())
                && there.guidance().equals(shared.guidance());
        if (!same) {
            throw new IllegalArgumentException(layout.evidence(i) + ": expected a picture of this prompt, bundle, seed,"
                    + " sampler and guidance, got another; use another folder");
        }
    }
}
