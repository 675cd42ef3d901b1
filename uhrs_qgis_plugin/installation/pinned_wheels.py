r"""The wheels of onnxruntime that the plugin installs by itself: one for each Python and platform, by its SHA-256.

QGIS brings numpy; nothing else is needed to run models, so that onnxruntime is installed alone. To pin others, ask the
registry without downloading, and write its answer (`download_info` in the report) here:

    python -m pip install --dry-run --ignore-installed --no-deps --only-binary=:all: --python-version 3.11 \
        --platform manylinux_2_28_x86_64 --target nowhere --report report.json onnxruntime==1.32.0
"""

from __future__ import annotations

from dataclasses import dataclass

HOST = "https://files.pythonhosted.org/packages/"


@dataclass(frozen=True)
class PinnedWheel:
    """A file of the registry.

    Attributes:
        folder: Its place there.
        name: Of the file.
        sha256: Of its content.
    """

    folder: str
    name: str
    sha256: str

    @property
    def url(self) -> str:
        """Where it is downloaded from."""
        return f"{HOST}{self.folder}/{self.name}"

    @property
    def version(self) -> str:
        """Version of onnxruntime."""
        return self.name.split("-")[1]


# Tag of `private_folder.tag` -> wheel. There is none for Python 3.14 on Intel Macs.
PINNED = {
    "cp39-darwin-arm64": PinnedWheel(
        "52/33/52f81d9a10a027e77f139bab93213702002785c41d6ca254b90d83d7c525",
        "onnxruntime-1.19.2-cp39-cp39-macosx_11_0_universal2.whl",
        "006c8d326835c017a9e9f74c9c77ebb570a71174a1e89fe078b29a557d9c3848",  # pragma: allowlist secret
    ),
    "cp39-darwin-x86_64": PinnedWheel(
        "52/33/52f81d9a10a027e77f139bab93213702002785c41d6ca254b90d83d7c525",
        "onnxruntime-1.19.2-cp39-cp39-macosx_11_0_universal2.whl",
        "006c8d326835c017a9e9f74c9c77ebb570a71174a1e89fe078b29a557d9c3848",  # pragma: allowlist secret
    ),
    "cp39-linux-aarch64": PinnedWheel(
        "88/e7/8263cff2ca837a8a1cefad1a3bf2e38d1701b4369f750507aa41eca66d2c",
        "onnxruntime-1.19.2-cp39-cp39-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
        "df2a94179a42d530b936f154615b54748239c2908ee44f0d722cb4df10670f68",  # pragma: allowlist secret
    ),
    "cp39-linux-x86_64": PinnedWheel(
        "12/f4/39c395c98e9ecccb0751f80897a5d065d5070c69823b0c94e95b371b568c",
        "onnxruntime-1.19.2-cp39-cp39-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "fae4b4de45894b9ce7ae418c5484cbf0341db6813effec01bb2216091c52f7fb",  # pragma: allowlist secret
    ),
    "cp39-win32-amd64": PinnedWheel(
        "93/b0/d88a23048c7f9033471cb667e9036fa1b0f6451d3a640a46314634a74a06",
        "onnxruntime-1.19.2-cp39-cp39-win_amd64.whl",
        "38475e29a95c5f6c62c2c603d69fc7d4c6ccbf4df602bd567b86ae1138881c49",  # pragma: allowlist secret
    ),
    "cp310-darwin-arm64": PinnedWheel(
        "35/d6/311b1afea060015b56c742f3531168c1644650767f27ef40062569960587",
        "onnxruntime-1.23.2-cp310-cp310-macosx_13_0_arm64.whl",
        "a7730122afe186a784660f6ec5807138bf9d792fa1df76556b27307ea9ebcbe3",  # pragma: allowlist secret
    ),
    "cp310-darwin-x86_64": PinnedWheel(
        "db/db/81bf3d7cecfbfed9092b6b4052e857a769d62ed90561b410014e0aae18db",
        "onnxruntime-1.23.2-cp310-cp310-macosx_13_0_x86_64.whl",
        "b28740f4ecef1738ea8f807461dd541b8287d5650b5be33bca7b474e3cbd1f36",  # pragma: allowlist secret
    ),
    "cp310-linux-aarch64": PinnedWheel(
        "2e/4d/a382452b17cf70a2313153c520ea4c96ab670c996cb3a95cc5d5ac7bfdac",
        "onnxruntime-1.23.2-cp310-cp310-manylinux_2_27_aarch64.manylinux_2_28_aarch64.whl",
        "8f7d1fe034090a1e371b7f3ca9d3ccae2fabae8c1d8844fb7371d1ea38e8e8d2",  # pragma: allowlist secret
    ),
    "cp310-linux-x86_64": PinnedWheel(
        "fb/56/179bf90679984c85b417664c26aae4f427cba7514bd2d65c43b181b7b08b",
        "onnxruntime-1.23.2-cp310-cp310-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl",
        "4ca88747e708e5c67337b0f65eed4b7d0dd70d22ac332038c9fc4635760018f7",  # pragma: allowlist secret
    ),
    "cp310-win32-amd64": PinnedWheel(
        "cd/6d/738e50c47c2fd285b1e6c8083f15dac1a5f6199213378a5f14092497296d",
        "onnxruntime-1.23.2-cp310-cp310-win_amd64.whl",
        "0be6a37a45e6719db5120e9986fcd30ea205ac8103fd1fb74b6c33348327a0cc",  # pragma: allowlist secret
    ),
    "cp311-darwin-arm64": PinnedWheel(
        "b7/5d/50be370b540a6cb9ea173503f5418e8315dfe5757400ad7720542d348b94",
        "onnxruntime-1.32.0-cp311-cp311-macosx_14_0_arm64.whl",
        "366b9e53d07812cc5c92822cecf7563b76a8a0f32ba3bb8dd232a206ac3bcb6c",  # pragma: allowlist secret
    ),
    "cp311-darwin-x86_64": PinnedWheel(
        "9f/a8/3c23a8f75f93122d2b3410bfb74d06d0f8da4ac663185f91866b03f7da1b",
        "onnxruntime-1.23.2-cp311-cp311-macosx_13_0_x86_64.whl",
        "87d8b6eaf0fbeb6835a60a4265fde7a3b60157cf1b2764773ac47237b4d48612",  # pragma: allowlist secret
    ),
    "cp311-linux-aarch64": PinnedWheel(
        "b7/30/103820b32e9dc1d1fcfc5b519fd2de5bd699d25a25895caf5d726350d1b5",
        "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_aarch64.whl",
        "2303372a85299b6757b0e11e1cbf13e410ddf7e10c37f4b37e99d1c90e7daf7c",  # pragma: allowlist secret
    ),
    "cp311-linux-x86_64": PinnedWheel(
        "1d/46/e6f356c9539d2eed44126de3421a81e217da2ad91b22dc11b379cb1e384f",
        "onnxruntime-1.32.0-cp311-cp311-manylinux_2_28_x86_64.whl",
        "5a34fc4dfeb5a7b4a74c95dcba1e773d722abda720b474edf1b0c419dc6d163d",  # pragma: allowlist secret
    ),
    "cp311-win32-amd64": PinnedWheel(
        "07/ff/c797464da311c580ec477077a5c65d7841599a46c35392b5978c0a5ae9a4",
        "onnxruntime-1.32.0-cp311-cp311-win_amd64.whl",
        "d7e0c45cc5f456ad7805e6dd256a7662736cda9c2fd17becae194eb3c2f6df72",  # pragma: allowlist secret
    ),
    "cp312-darwin-arm64": PinnedWheel(
        "6f/a4/480cd367bc135dd9951c89d461cc6af6be9302cd2ce91e231f6cb0e7ee1b",
        "onnxruntime-1.32.0-cp312-cp312-macosx_14_0_arm64.whl",
        "d52510bbbcc880c13b826f7d75cdf33ac5cf0bb864d960000fc29ce73f0cb83e",  # pragma: allowlist secret
    ),
    "cp312-darwin-x86_64": PinnedWheel(
        "91/9d/a81aafd899b900101988ead7fb14974c8a58695338ab6a0f3d6b0100f30b",
        "onnxruntime-1.23.2-cp312-cp312-macosx_13_0_x86_64.whl",
        "218295a8acae83905f6f1aed8cacb8e3eb3bd7513a13fe4ba3b2664a19fc4a6b",  # pragma: allowlist secret
    ),
    "cp312-linux-aarch64": PinnedWheel(
        "4a/8f/1e43fb994513c7c7a9c6965272ef89d963c1bd4080993a6267bf913701d1",
        "onnxruntime-1.32.0-cp312-cp312-manylinux_2_28_aarch64.whl",
        "e36c187006e7a7c8b8d6d57f1a209dd63f52430dca6c282b177718ad6b841054",  # pragma: allowlist secret
    ),
    "cp312-linux-x86_64": PinnedWheel(
        "a3/81/55845186c20cba59f614991f4065dea148e48eeb9749893768c85ce64327",
        "onnxruntime-1.32.0-cp312-cp312-manylinux_2_28_x86_64.whl",
        "99e1074c4b2197accd5073052a465361be17b89c093b8ffb6e6bd8f986c52df8",  # pragma: allowlist secret
    ),
    "cp312-win32-amd64": PinnedWheel(
        "a9/3e/27039badc39a1b01628b6b40b1ff1bf4a886e6dfb2f311c483606b7c86f7",
        "onnxruntime-1.32.0-cp312-cp312-win_amd64.whl",
        "efe7456952c243a05a53d5b8732953625144642c2f3989094277f6217f0c0c40",  # pragma: allowlist secret
    ),
    "cp313-darwin-arm64": PinnedWheel(
        "f1/0c/97eb4ac42266545d7630e8231f8cc969f5c3f144d2ee6cb568ef45f81360",
        "onnxruntime-1.32.0-cp313-cp313-macosx_14_0_arm64.whl",
        "27bf5dad46355a8a435c9c4e1556464d99ca834ea44e0f452909712068b8821b",  # pragma: allowlist secret
    ),
    "cp313-darwin-x86_64": PinnedWheel(
        "fe/f9/2d49ca491c6a986acce9f1d1d5fc2099108958cc1710c28e89a032c9cfe9",
        "onnxruntime-1.23.2-cp313-cp313-macosx_13_0_x86_64.whl",
        "162f4ca894ec3de1a6fd53589e511e06ecdc3ff646849b62a9da7489dee9ce95",  # pragma: allowlist secret
    ),
    "cp313-linux-aarch64": PinnedWheel(
        "96/c7/26be6be3ebe42597a521645a7bb18701ce0716af87af0cd2c9281d2e84a5",
        "onnxruntime-1.32.0-cp313-cp313-manylinux_2_28_aarch64.whl",
        "54d02baff2df38777b4c3cc7af326406fe8b8a48f54720f4c446d2d327920a79",  # pragma: allowlist secret
    ),
    "cp313-linux-x86_64": PinnedWheel(
        "92/74/1f7c51522822e93aa91f633ebcd75688e2deebeca5901b2e6da8a8c5ad7c",
        "onnxruntime-1.32.0-cp313-cp313-manylinux_2_28_x86_64.whl",
        "02ea12a28c069ea8510093d95a7f6ff8126bfd9fc5c0d3381c03b80fb2b424ba",  # pragma: allowlist secret
    ),
    "cp313-win32-amd64": PinnedWheel(
        "6f/ee/a776ccc71ba54de3739c20c7c815d9695c55db1d08e2b3c621452676c23f",
        "onnxruntime-1.32.0-cp313-cp313-win_amd64.whl",
        "c7f9aa98036ba2a47aa041a4a8c6d0a1f7bfe1bde44c131dcd15ce334f2f148d",  # pragma: allowlist secret
    ),
    "cp314-darwin-arm64": PinnedWheel(
        "39/d7/2aaaf8e62912c222cbda5779ffacbea026e4953682680ca3eddd41075774",
        "onnxruntime-1.32.0-cp314-cp314-macosx_14_0_arm64.whl",
        "ab327b736552324af8d2a38bef5a65ed773f67184a36ff642beec7f5b4e9b03f",  # pragma: allowlist secret
    ),
    "cp314-linux-aarch64": PinnedWheel(
        "04/69/325c7e39e7000eadbbbfe39c07b42a3d2958a095cd46eeeb44cc235b2ed9",
        "onnxruntime-1.32.0-cp314-cp314-manylinux_2_28_aarch64.whl",
        "4135431395c1f37de0811f452c20a8b774f51812fda6c49611ed9899bbdbeeb4",  # pragma: allowlist secret
    ),
    "cp314-linux-x86_64": PinnedWheel(
        "94/b5/cd55e7f1dfcf2e5fbf3a6915a8c6b4cf81df091e81de2db40e58357ffba4",
        "onnxruntime-1.32.0-cp314-cp314-manylinux_2_28_x86_64.whl",
        "48b878f9551d465aa79ee94ecaf49a1f6b5d27f2975efa775ded374db14d0af1",  # pragma: allowlist secret
    ),
    "cp314-win32-amd64": PinnedWheel(
        "da/50/bcc038601b4c044f07925ac11dc04e8ad4bbea87db9b4b3a2ac0823c6ddb",
        "onnxruntime-1.32.0-cp314-cp314-win_amd64.whl",
        "2b08ee990d00ab2ee129c5e039f7339963335a4d76f5bd22bfb4f896ae1cec0a",  # pragma: allowlist secret
    ),
}
