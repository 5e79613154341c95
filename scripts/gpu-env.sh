#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Points the tensor engine at the libraries of PyPI's torch wheel; docs/gpu.md says why. It sets variables, so source it:
#   source scripts/gpu-env.sh .venv                    a virtual environment
#   source scripts/gpu-env.sh .../site-packages        or the folder with torch/ in it
# Run instead of sourced, it prints the export lines: eval "$(scripts/gpu-env.sh .venv)"

# Everything in a function, so that sourcing leaves nothing behind but the variables.
dsr_gpu_env() {
    local wanted=2.7.1 place=${1:-${VIRTUAL_ENV:-}} packages="" candidate
    if [ -z "$place" ]; then
        echo "gpu-env: expected a virtual environment or site-packages folder, got nothing" >&2
        return 2
    fi
    for candidate in "$place" "$place"/lib/python3*/site-packages "$place"/lib64/python3*/site-packages; do
        if [ -d "$candidate/torch/lib" ]; then
            packages=$(cd "$candidate" && pwd)
            break
        fi
    done
    if [ -z "$packages" ]; then
        echo "gpu-env: $place: expected torch/lib in it or in its lib/python3*/site-packages, found none;" \
            "do pip install torch==$wanted" >&2
        return 1
    fi

    # torch/version.py has the lines: __version__ = '2.7.1+cu126' and cuda: Optional[str] = '12.6'
    local version cuda
    version=$(sed -n "s/^__version__ *= *'\([^'+]*\).*/\1/p" "$packages/torch/version.py" 2>/dev/null)
    cuda=$(sed -n "s/^cuda[^=]*= *'\([^']*\)'.*/\1/p" "$packages/torch/version.py" 2>/dev/null)
    if [ "$version" != "$wanted" ]; then
        echo "gpu-env: $packages/torch: expected version $wanted, got ${version:-none}; do pip install torch==$wanted" >&2
        return 1
    fi

    # DJL brings its JNI library for the CPU and for CUDA 12.8; wheels for other releases of CUDA 12 share its interface.
    local flavor=cpu
    case $cuda in
        "") ;;
        12.*) flavor=cu128 ;;
        *)
            echo "gpu-env: $packages/torch: expected a wheel for CUDA 12 or the CPU, got CUDA $cuda" >&2
            return 1
            ;;
    esac

    local libraries="" folder
    for folder in "$packages"/nvidia/*/lib; do
        [ ! -d "$folder" ] || libraries=$libraries${libraries:+:}$folder
    done
    if [ "$flavor" != cpu ] && [ -z "$libraries" ]; then
        echo "gpu-env: $packages/nvidia: expected the CUDA libraries that the wheel depends on, found none" >&2
        return 1
    fi

    PYTORCH_LIBRARY_PATH=$packages/torch/lib
    PYTORCH_VERSION=$version
    PYTORCH_FLAVOR=$flavor
    case ":${LD_LIBRARY_PATH:-}:" in
        *":${libraries:-none}:"*) ;; # sourced before
        *) [ -z "$libraries" ] || LD_LIBRARY_PATH=$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ;;
    esac
    export PYTORCH_LIBRARY_PATH PYTORCH_VERSION PYTORCH_FLAVOR
    [ -z "${LD_LIBRARY_PATH:-}" ] || export LD_LIBRARY_PATH
    echo "gpu-env: torch $version (${cuda:+CUDA }${cuda:-CPU only}) in $packages" >&2
    echo "gpu-env: $(printf '%s' "$libraries" | tr ':' '\n' | grep -c .) folders of CUDA libraries; flavour $flavor" >&2
    if [ "$flavor" != cpu ] && ! command -v nvidia-smi >/dev/null 2>&1; then
        echo "gpu-env: nvidia-smi is not here: is there a driver? Without one only the CPU is used" >&2
    fi
}

if [ "${BASH_SOURCE[0]:-$0}" = "$0" ] && [ -n "${BASH_VERSION:-}" ]; then
    dsr_gpu_env "$@" || exit
    for dsr_name in PYTORCH_LIBRARY_PATH PYTORCH_VERSION PYTORCH_FLAVOR LD_LIBRARY_PATH; do
        [ -z "${!dsr_name:-}" ] || printf 'export %s=%q\n' "$dsr_name" "${!dsr_name}"
    done
else
    dsr_gpu_env "$@"
    unset -f dsr_gpu_env
fi
