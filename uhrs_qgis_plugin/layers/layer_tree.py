"""Where new layers go in the layer tree, and which layer is the active one afterwards.

QGIS puts a new layer above the active one, and makes it the active one. After a run that would be wrong twice: the next
raster would land inside the group of the result, and the next run would offer the uncertainty as its input.
"""

from __future__ import annotations

from functools import partial

from qgis.core import QgsLayerTreeGroup, QgsLayerTreeNode, QgsMapLayer, QgsProject
from qgis.PyQt.QtCore import QModelIndex, QTimer

GROUP_OF = "uhrs/result"  # custom property of a group: which run it belongs to


def is_result_group(group: QgsLayerTreeNode | None) -> bool:
    """Whether a group of the layer tree holds the layers of one run."""
    return group is not None and bool(group.customProperty(GROUP_OF))


def move(node: QgsLayerTreeNode, clone: QgsLayerTreeNode, target: QgsLayerTreeGroup, index: int) -> None:
    """Move a layer to a place of a group; the group of an earlier run that is empty then goes.

    Args:
        clone: Of the node, which takes its place: ticked and unfolded as it shall be.
        index: Place in `target`, -1 = last.
    """
    target.insertChildNode(index, clone)
    # The layer stays in the project, because it is in the tree a second time.
    before = node.parent()
    before.removeChildNode(node)
    if is_result_group(before) and not before.children():
        before.parent().removeChildNode(before)


def place_on_top(layer: QgsMapLayer, project: QgsProject, source: str = "") -> None:
    """Move a result above what it was made from, and make it the active layer.

    Args:
        layer: A layer that was just loaded; one outside the layer tree is left alone.
        source: Of the layer that it was made from. A result of a run's raster goes on top of that run's group, any
            other one to the top of the group that it was loaded into.
    """
    root = project.layerTreeRoot()
    node = root.findLayer(layer.id())
    if node is None:
        return
    target = _group_of_source(root, source) or node.parent()
    if target is not node.parent() or target.children()[0] is not node:
        move(node, node.clone(), target, 0)
        activate_later(layer.id(), project)


def _group_of_source(root: QgsLayerTreeGroup, source: str) -> QgsLayerTreeGroup | None:
    """Find the group of the run that wrote a file; None where there is none."""
    for node in root.findLayers() if source else ():
        if is_result_group(node.parent()) and node.layer() is not None and node.layer().source() == source:
            return node.parent()
    return None


def outermost(root: QgsLayerTreeGroup, node: QgsLayerTreeNode) -> tuple[QgsLayerTreeGroup, int]:
    """Find the place above a layer that lies in no group of an earlier run.

    Returns:
        A group that users made, or the root, and the index in it.
    """
    path = [node]
    while path[-1].parent() is not None and path[-1].parent() is not root:
        path.append(path[-1].parent())
    results = [place for place, item in enumerate(path) if is_result_group(item)]
    shown = path[results[-1]] if results else node
    parent = shown.parent()
    return parent, parent.children().index(shown)


def activate_later(layer_id: str, project: QgsProject) -> None:
    """Make a layer the active one once QGIS has loaded all results; where it is not in the tree, no layer is.

    Without a desktop (`qgis_process`, scripts) nothing happens.
    """
    from qgis.utils import iface

    if iface is not None and project is QgsProject.instance():
        QTimer.singleShot(0, partial(_activate, layer_id))


def _activate(layer_id: str) -> None:
    from qgis.utils import iface

    project = QgsProject.instance()
    if project.layerTreeRoot().findLayer(layer_id) is not None:
        iface.setActiveLayer(project.mapLayer(layer_id))
    else:
        iface.layerTreeView().setCurrentIndex(QModelIndex())
