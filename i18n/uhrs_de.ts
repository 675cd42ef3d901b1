<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>UHRS</name>
    <message>
        <source>Segmentation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Review</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Help</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The algorithm was not prepared: run it through Processing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class areas</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in the project's unit. The result is a table, and a report with bars for reading and printing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, nothing is said about uncertainty.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 2, the final one)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsure from this uncertainty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Zones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Field that names the zones</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field whose value names a zone in table and report; left empty, the feature's id.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, pixels, area, unit, share and unsure_share (both 0 to 1).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Report</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The report to write, one file that needs nothing else (HTML).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrected classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new class; corrections win over regions, and in each layer later features win over earlier ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class raster that was reviewed, as 'Segment raster' wrote it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the reviewed one is left as it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Changed pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many pixels have another class now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Judged pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many pixels with data lie in judged regions and corrections.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Judged regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the number of the class that a wrong region is).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Drawn corrections</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field 'class' (the number of the class).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Training samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py reads with training/configs/folder.yaml.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Raster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class raster that was reviewed; it lies on the pixels of the raster.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands in the model's order (default: all but alpha)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bands that the model sees, in its order (red, green, blue for the bundled one).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Side of a sample, in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are magnified.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share for validation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the second of every five.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add to the samples in the folder</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it holds of the same raster are replaced.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Folder of samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and samples.json, the list of what came from where.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many samples of this raster are for training.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Validation samples</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many samples of this raster are for validation.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many pixels are labelled.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device to test</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the short run computes: auto takes the best that is found.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A file for the text, for reading (*.html) or for pasting (*.txt).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The lines, to paste into a bug report.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Works</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Whether nothing was found broken.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>HTML (*.html);;Text (*.txt)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} Or copy the lines above.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Legend as a picture</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>legend,key,print layout,map,picture,png,classes,uncertainty,colours</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every class with colour and name, and the ramp of the uncertainty, as the layers are styled now.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Rasters</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The layers whose legend is drawn, such as the classes and the uncertainty of a run.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Title</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Written above the legend.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels per inch of paper: 300 for print, 96 for a screen.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Clear ground</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Leaves the ground transparent instead of white.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Legend</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The picture to write (PNG).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment raster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,orthophoto,aerial,satellite,ultra-high resolution</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segments a raster of any size into the classes of a model, and maps where the result is uncertain. The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full scale, and both views are joined.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A raster file with the bands that the model expects.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model (default: the bundled one)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands in the model's order (default: by what they are)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are found by colour interpretation and description, or the first ones where the raster has none.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Alpha bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near infrared that is labelled alpha.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Stretch to 8 bits</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Extent (default: the whole raster)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only this part of the raster is segmented; an extent in another coordinate system is transformed.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Ratio K of patches to refine (default: the model's)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is most thorough.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a ratio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Minutes for the run, instead of a ratio</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Device</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Precision</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such graphs; auto takes 8 bits on processors that are faster so.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel size: auto, native or metres</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times finer or coarser; native always at its own; a number is a pixel size in metres.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels of the outputs</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Where the raster is read at another pixel size: working writes the outputs at that one, input in the raster's own pixels.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty cell in pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Map what is unfamiliar</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place is, 0 to 1. Where it is high, expect errors that the other bands do not show.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on from an earlier run</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Damaged parts of the raster</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>What happens where the file cannot be read: stop with an error, or treat it as no data.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class map to write: one number a pixel, with palette and class names (GeoTIFF).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the patches, band 2 the final one, after refining (GeoTIFF).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its uncertainty beside it (GeoTIFF).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A file for seconds, patches, device and the area of each class (JSON).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Refined share of patches</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The share of patches that were refined in the end, 0 to 1.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixels of the raster that were segmented.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How long the run took.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Model bundle (*.uhrs);;All files (*)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Cancelled: run it again as it was to go on from here.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bundles (*.uhrs) in this folder are offered by name: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Preview: classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Models</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unknown</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>any pixel size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Bands</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Pixel size</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Made from</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Licence</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose another model bundle (*.uhrs)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,segmentation,classification</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The uncertainty raster that 'Segment raster' wrote.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Band (default: the final uncertainty)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The class raster of the same run; with it each region tells its most frequent class and the one after it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Share of the area, per cent</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The most uncertain part of the area, in per cent, that regions are made of.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a share</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Spread over the raster: side of a square in cells (0: the raster as a whole)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the most important region of every square, then the second of each. So the first regions lie all over the raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Smallest region, in cells</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless the run was told otherwise.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Merge across, in cells</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if only at a corner.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Most regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Only so many regions are written, the most important ones.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second class), and status ('open'); choose a GeoPackage to keep it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>How many regions were written.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Least uncertainty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The uncertainty, 0 to 1, from which cells were taken.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the Python package onnxruntime is not installed yet. {place}&lt;br&gt;&lt;b&gt;{command}&lt;/b&gt;</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UHRS segmentation: installation</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The legend would have {} x {} pixels: choose fewer dots per inch.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Layer '{}' has no legend: give it classes or a colour ramp.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>1: unsure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>up to {}: sure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>open</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>unsure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>not judged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Segment raster...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Review uncertain regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>UHRS segmentation (uncertainty-guided, ultra-high resolution)</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is closed. All judgements are saved in its file.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' has no polygons to review: choose another layer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All regions of this list are judged.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save regions as</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is the end of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This is the start of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no region to judge: open a layer and choose one.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Open a layer and choose a class first, then draw.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Kept: this part is {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>There is no class '{}': choose one of the list.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table '{}' in '{}' holds no polygons and is not ours: rename it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The table '{}' in '{}' lacks {} and is not ours: rename it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy of the regions as a GeoPackage to draw.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>QGIS does not open it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Corrections of {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>No table for corrections can be made in '{}': {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The correction is NOT saved: {}. Try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The correction stays: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' exists already and may hold judgements: choose another name.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' cannot be written: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' was written, yet QGIS does not open it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the file took other values</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The region is gone: somebody has deleted it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy as a GeoPackage to judge.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' lacks the fields that keep judgements: {}.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>numbers</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>text</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so far are saved.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The judgement is NOT saved: {}. Try again.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>the file does not take it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The number of class '{}' is not known: choose the class raster below.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The drawn correction is gone already.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to draw corrections beside it.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>That is no area: click at least three corners that are not in one line.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>A polygon needs at least three corners: click more, or press Esc.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This region has no polygon: the map stays where it is.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>This region lies where the map's coordinate reference system does not reach: choose another one for the project.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The drawing lies where the CRS of the regions does not reach.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Add the fields</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The regions of '{}' are gone. Choose another layer.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>'{}' has no regions.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>no regions</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} of {}, {} % of the doubtful area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Classified as {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Judged: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Part {} of {}: {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{}, then {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>by {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>(up to {})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>R right, S unsure, 1 to 9 wrong: it is that class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner back, Esc drops the drawing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Previous</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to the region before</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Next</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go to the region after</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Find</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show this region on the map again, and flash it</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Undo</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Take your last judgement or drawn correction back</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Right</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>The classes are right in this region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>You cannot tell: the region counts as seen and trains nothing</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All of this region is the class chosen below</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Draw</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Paint</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the image</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the classes</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show or hide the uncertainty</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Go on to the next one</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>After a judgement, go to the next region that nobody has judged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source> px</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Width of the brush on the screen</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your name, which is kept with each of your judgements</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Your name</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>People who share the work take one part each: every second, third ... region</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Show</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>part</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>of</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrong: it is {} ({})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Wrong: it is ... ({})</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Area</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Class</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Judged</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Not judged yet</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>All</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Judged by me</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>is {}</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose below which class it is, or press its digit.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>Choose first which class to draw.</source>
        <translation type="unfinished"></translation>
    </message>
    <message>
        <source>{} square units</source>
        <translation type="unfinished"></translation>
    </message>
</context>
</TS>
