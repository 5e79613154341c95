// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.djl.Model;
import ai.djl.modality.Input;
import ai.djl.modality.Output;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorFactory;
import ai.djl.util.Pair;
import ai.dsr.sample.pipeline.Drawn;
import java.lang.reflect.Type;
import java.util.Map;
import java.util.Set;

/** Translators of a bundle: {@link DrawRequest} to {@link Drawn}, and DJL Serving's input to its output. */
public final class DrawTranslatorFactory implements TranslatorFactory {
    private static final Set<Pair<Type, Type>> TYPES =
            Set.of(new Pair<>(DrawRequest.class, Drawn.class), new Pair<>(Input.class, Output.class));

    @Override
    public Set<Pair<Type, Type>> getSupportedTypes() {
        return TYPES;
    }

    @Override
    @SuppressWarnings("unchecked") // the classes say which translator has these types
    public <I, O> Translator<I, O> newInstance(Class<I> input, Class<O> output, Model model, Map<String, ?> arguments)
            throws TranslateException {
        if (input == DrawRequest.class && output == Drawn.class) {
            return (Translator<I, O>) new DrawTranslator();
        }
        if (input == Input.class && output == Output.class) {
            return (Translator<I, O>) new ServingTranslator();
        }
        throw new TranslateException("types: expected DrawRequest to Drawn or Input to Output, got " + input.getName()
                + " to " + output.getName());
    }
}
