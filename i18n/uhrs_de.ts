<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de">
<context>
    <name>UHRS</name>
    <message>
        <source>Accuracy</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>accuracy assessment,confusion matrix,error matrix,validation,kappa,f1,iou,user's accuracy,producer's accuracy,area estimation,olofsson,ground truth,reference,quality,report</source>
        <translation>Genauigkeitsprüfung,Konfusionsmatrix,Fehlermatrix,Validierung,Kappa,F1,IoU,Nutzergenauigkeit,Produzentengenauigkeit,Flächenschätzung,Olofsson,Bodenwahrheit,Referenz,Qualität,Bericht</translation>
    </message>
    <message>
        <source>Compares a class map with a reference and tells how right it is: confusion matrix; overall, user's and producer's accuracy, F1 and IoU with 95 % intervals; and the area of each class corrected for the map's errors. The reference is a layer of points or polygons, or another class raster. Points of 'Sample points' carry their strata, which the estimates use; judge them in the review panel first.</source>
        <translation>Vergleicht eine Klassenkarte mit einer Referenz und sagt, wie richtig sie ist: Konfusionsmatrix; Gesamt-, Nutzer- und Produzentengenauigkeit, F1 und IoU mit 95-%-Intervallen; und die Fläche jeder Klasse, berichtigt um die Fehler der Karte. Die Referenz ist ein Layer mit Punkten oder Polygonen oder ein anderes Klassenraster. Punkte von „Stichprobenpunkte“ tragen ihre Schichten, die in die Schätzung eingehen; beurteilen Sie sie zuerst in der Überprüfung.</translation>
    </message>
    <message>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <source>The class raster to judge: one band of numbers from 0 to 255.</source>
        <translation>Das zu beurteilende Klassenraster: ein Kanal mit Zahlen von 0 bis 255.</translation>
    </message>
    <message>
        <source>Reference points or polygons</source>
        <translation>Referenzpunkte oder -polygone</translation>
    </message>
    <message>
        <source>Places whose class is known, in any coordinate system: points of 'Sample points' that were judged, or any points or polygons with a field for the class. Either this or a reference raster.</source>
        <translation>Orte, deren Klasse bekannt ist, in einem beliebigen Koordinatensystem: beurteilte Punkte von „Stichprobenpunkte“ oder beliebige Punkte oder Polygone mit einem Feld für die Klasse. Entweder dies oder ein Referenzraster.</translation>
    </message>
    <message>
        <source>Field of the class</source>
        <translation>Feld der Klasse</translation>
    </message>
    <message>
        <source>The field that names the class of a place, by name or by number; left empty, the judgements of the review panel count: 'right' is the class that was shown, 'wrong' the class that was chosen.</source>
        <translation>Das Feld, das die Klasse eines Orts nennt, als Name oder Nummer; bleibt es leer, zählen die Beurteilungen der Überprüfung: „right“ ist die Klasse, die gezeigt wurde, „wrong“ die Klasse, die gewählt wurde.</translation>
    </message>
    <message>
        <source>Reference raster, instead</source>
        <translation>Stattdessen ein Referenzraster</translation>
    </message>
    <message>
        <source>A class raster that counts as true, on any grid and in any coordinate system; it is read at the centre of each pixel of the classes.</source>
        <translation>Ein Klassenraster, das als wahr gilt, auf einem beliebigen Gitter und in einem beliebigen Koordinatensystem; es wird in der Mitte jedes Pixels der Klassen gelesen.</translation>
    </message>
    <message>
        <source>Other names in the reference</source>
        <translation>Andere Namen in der Referenz</translation>
    </message>
    <message>
        <source>Which class of the map a class of the reference is, where the names differ: 'roof=building; pool=*; shadow='. A star keeps a class of its own that the map never has, nothing leaves the class out.</source>
        <translation>Welche Klasse der Karte eine Klasse der Referenz ist, wenn die Namen verschieden sind: „roof=building; pool=*; shadow=“. Ein Stern behält eine eigene Klasse, die die Karte nie hat, nichts lässt die Klasse weg.</translation>
    </message>
    <message>
        <source>Block of the bootstrap, in pixels (default: by the size of the raster)</source>
        <translation>Block des Bootstraps in Pixeln (Vorgabe: nach der Größe des Rasters)</translation>
    </message>
    <message>
        <source>With a reference raster, intervals come from drawing square blocks of this side with replacement, for neighbouring pixels resemble each other; choose it larger than the largest things in the map.</source>
        <translation>Bei einem Referenzraster entstehen die Intervalle durch Ziehen quadratischer Blöcke dieser Seitenlänge mit Zurücklegen, weil benachbarte Pixel einander ähneln; wählen Sie sie größer als die größten Dinge der Karte.</translation>
    </message>
    <message>
        <source>The table to write, one row a figure: figure, class (number), name, value, error (standard error), low and high (ends of the 95 % interval), unit.</source>
        <translation>Die zu schreibende Tabelle, eine Zeile je Kennzahl: figure, class (Nummer), name, value, error (Standardfehler), low und high (Enden des 95-%-Intervalls), unit.</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>The report to write, with matrix and bars, one file that needs nothing else (HTML).</source>
        <translation>Der zu schreibende Bericht, mit Matrix und Balken, eine Datei, die sonst nichts braucht (HTML).</translation>
    </message>
    <message>
        <source>Confusion matrix</source>
        <translation>Konfusionsmatrix</translation>
    </message>
    <message>
        <source>The confusion matrix to write: a row for each class of the map, a column for each of the reference (CSV).</source>
        <translation>Die zu schreibende Konfusionsmatrix: eine Zeile für jede Klasse der Karte, eine Spalte für jede der Referenz (CSV).</translation>
    </message>
    <message>
        <source>Everything, for programs</source>
        <translation>Alles, für Programme</translation>
    </message>
    <message>
        <source>All figures, the matrix, the facts and the warnings in one file (JSON).</source>
        <translation>Alle Kennzahlen, die Matrix, die Angaben und die Warnungen in einer Datei (JSON).</translation>
    </message>
    <message>
        <source>Overall accuracy</source>
        <translation>Gesamtgenauigkeit</translation>
    </message>
    <message>
        <source>The share of the area that is right, 0 to 1.</source>
        <translation>Der Anteil der Fläche, der richtig ist, 0 bis 1.</translation>
    </message>
    <message>
        <source>Kappa</source>
        <translation>Kappa</translation>
    </message>
    <message>
        <source>Cohen's kappa, for those who ask for it.</source>
        <translation>Cohens Kappa, für alle, die danach fragen.</translation>
    </message>
    <message>
        <source>HTML files (*.html)</source>
        <translation>HTML-Dateien (*.html)</translation>
    </message>
    <message>
        <source>CSV files (*.csv)</source>
        <translation>CSV-Dateien (*.csv)</translation>
    </message>
    <message>
        <source>JSON files (*.json)</source>
        <translation>JSON-Dateien (*.json)</translation>
    </message>
    <message>
        <source>Accuracy of {}</source>
        <translation>Genauigkeit von {}</translation>
    </message>
    <message>
        <source>Compare results</source>
        <translation>Ergebnisse vergleichen</translation>
    </message>
    <message>
        <source>change detection,difference,comparison,transition,cross tabulation,from-to,two dates,two models,land cover</source>
        <translation>Änderungserkennung,Unterschied,Vergleich,Übergang,Kreuztabelle,von-nach,zwei Zeitpunkte,zwei Modelle,Landbedeckung</translation>
    </message>
    <message>
        <source>Compares two class maps of one place, such as two dates, two models or two settings, on the same or on different grids: which classes became which, how much, and where. With the uncertainties of both runs, changes that one of the maps was unsure of are set apart: most of these are no changes.</source>
        <translation>Vergleicht zwei Klassenkarten eines Orts, etwa zwei Zeitpunkte, zwei Modelle oder zwei Einstellungen, auf demselben oder auf verschiedenen Gittern: welche Klassen zu welchen wurden, wie viel und wo. Mit den Unsicherheiten beider Läufe werden Änderungen, bei denen eine der Karten unsicher war, gesondert gezählt: Die meisten davon sind keine.</translation>
    </message>
    <message>
        <source>Classes before</source>
        <translation>Klassen vorher</translation>
    </message>
    <message>
        <source>The first class raster; its grid counts.</source>
        <translation>Das erste Klassenraster; sein Gitter zählt.</translation>
    </message>
    <message>
        <source>Classes after</source>
        <translation>Klassen nachher</translation>
    </message>
    <message>
        <source>The second class raster, on any grid and in any coordinate system; it is read at the centre of each pixel of the first.</source>
        <translation>Das zweite Klassenraster, auf einem beliebigen Gitter und in einem beliebigen Koordinatensystem; es wird in der Mitte jedes Pixels des ersten gelesen.</translation>
    </message>
    <message>
        <source>Uncertainty before</source>
        <translation>Unsicherheit vorher</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the first classes.</source>
        <translation>Das Unsicherheitsraster, das zusammen mit den ersten Klassen geschrieben wurde.</translation>
    </message>
    <message>
        <source>Uncertainty after</source>
        <translation>Unsicherheit nachher</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the second classes.</source>
        <translation>Das Unsicherheitsraster, das zusammen mit den zweiten Klassen geschrieben wurde.</translation>
    </message>
    <message>
        <source>Unsure from this uncertainty</source>
        <translation>Unsicher ab dieser Unsicherheit</translation>
    </message>
    <message>
        <source>A change counts as unsure when the final uncertainty, 0 (sure) to 1, of one of the maps reaches this number.</source>
        <translation>Eine Änderung gilt als unsicher, wenn die endgültige Unsicherheit, von 0 (sicher) bis 1, einer der Karten diese Zahl erreicht.</translation>
    </message>
    <message>
        <source>Other names in the second map</source>
        <translation>Andere Namen in der zweiten Karte</translation>
    </message>
    <message>
        <source>Which class of the first map a class of the second is, where the names differ: 'roof=building; shadow='. Nothing leaves the class out; classes that are not named and have no match are classes of their own.</source>
        <translation>Welche Klasse der ersten Karte eine Klasse der zweiten ist, wenn die Namen verschieden sind: „roof=building; shadow=“. Nichts lässt die Klasse weg; nicht genannte Klassen ohne Entsprechung sind eigene Klassen.</translation>
    </message>
    <message>
        <source>The raster tells</source>
        <translation>Das Raster sagt</translation>
    </message>
    <message>
        <source>Either from which class to which (at most 253 pairs), or only where both differ.</source>
        <translation>Entweder transitions, von welcher Klasse zu welcher (höchstens 253 Paare), oder differs, nur wo beide verschieden sind.</translation>
    </message>
    <message>
        <source>Smallest change polygon, in square metres (default: 100 pixels)</source>
        <translation>Kleinstes Änderungspolygon, in Quadratmetern (Vorgabe: 100 Pixel)</translation>
    </message>
    <message>
        <source>Smaller polygons become part of their neighbour; in pixels where the raster has no ground.</source>
        <translation>Kleinere Polygone werden Teil ihres Nachbarn; in Pixeln, wenn das Raster keine Lage auf dem Boden hat.</translation>
    </message>
    <message>
        <source>Changes by class</source>
        <translation>Änderungen nach Klassen</translation>
    </message>
    <message>
        <source>The table to write, one row for each pair of classes that occurs: before and after (numbers and names), pixels, area, unit, share of the whole, unsure_share (of the pair's area), and code (number in the raster).</source>
        <translation>Die zu schreibende Tabelle, eine Zeile für jedes vorkommende Paar von Klassen: vorher und nachher (Nummern und Namen), pixels, area, unit, share am Ganzen, unsure_share (an der Fläche des Paars) und code (Nummer im Raster).</translation>
    </message>
    <message>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <source>The raster to write: 0 where both have the same class, else the number of the pair, and 254 where they differ but one of the maps is unsure.</source>
        <translation>Das zu schreibende Raster: 0, wo beide dieselbe Klasse haben, sonst die Nummer des Paars, und 254, wo sie verschieden sind, aber eine der Karten unsicher ist.</translation>
    </message>
    <message>
        <source>Change polygons</source>
        <translation>Änderungspolygone</translation>
    </message>
    <message>
        <source>What changed, as polygons with their pair of classes and area (GeoPackage or FlatGeobuf); unsure changes are left out.</source>
        <translation>Was sich geändert hat, als Polygone mit ihrem Paar von Klassen und ihrer Fläche (GeoPackage oder FlatGeobuf); unsichere Änderungen werden weggelassen.</translation>
    </message>
    <message>
        <source>All pairs, the classes, the facts and the warnings in one file (JSON).</source>
        <translation>Alle Paare, die Klassen, die Angaben und die Warnungen in einer Datei (JSON).</translation>
    </message>
    <message>
        <source>Changed</source>
        <translation>Geändert</translation>
    </message>
    <message>
        <source>The share of the area that differs, 0 to 1.</source>
        <translation>Der Anteil der Fläche, der verschieden ist, 0 bis 1.</translation>
    </message>
    <message>
        <source>Sample points</source>
        <translation>Stichprobenpunkte</translation>
    </message>
    <message>
        <source>sampling,random points,stratified,validation,ground truth,accuracy assessment,reference,probability sample,allocation,quality</source>
        <translation>Stichprobe,Zufallspunkte,geschichtet,Validierung,Bodenwahrheit,Genauigkeitsprüfung,Referenz,Zufallsstichprobe,Aufteilung,Qualität</translation>
    </message>
    <message>
        <source>Draws random points from a class map: judge them one by one in the review panel, and 'Accuracy' tells how right the map is and how large the classes are in truth. Points carry their stratum and its size, so that 'Accuracy' knows how they were drawn. They lie in the centres of pixels with a class, each pixel at most once.</source>
        <translation>Zieht zufällige Punkte aus einer Klassenkarte: Beurteilen Sie einen nach dem anderen in der Überprüfung, und „Genauigkeit“ sagt, wie richtig die Karte ist und wie groß die Klassen in Wirklichkeit sind. Die Punkte tragen ihre Schicht und deren Größe, sodass „Genauigkeit“ weiß, wie sie gezogen wurden. Sie liegen in der Mitte von Pixeln mit einer Klasse, jedes Pixel höchstens einmal.</translation>
    </message>
    <message>
        <source>The class raster to judge, as 'Segment raster' writes it.</source>
        <translation>Das zu beurteilende Klassenraster, wie „Raster segmentieren“ es schreibt.</translation>
    </message>
    <message>
        <source>Uncertainty</source>
        <translation>Unsicherheit</translation>
    </message>
    <message>
        <source>The uncertainty raster of the same run: for strata of uncertainty, for optimal shares, and to show at each point.</source>
        <translation>Das Unsicherheitsraster desselben Laufs: für Schichten der Unsicherheit, für optimale Anteile und zur Anzeige an jedem Punkt.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 1, U)</source>
        <translation>Kanal der Unsicherheit (Vorgabe: 1, U)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 1, that of the coarse view (U), or 2, the final one.</source>
        <translation>Welche Unsicherheit zählt: 1, die der groben Sicht (U), oder 2, die endgültige.</translation>
    </message>
    <message>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <source>How many points to draw: with 200 the overall accuracy is known to about 5 per cent, with 800 to 2.5.</source>
        <translation>Wie viele Punkte gezogen werden: Mit 200 ist die Gesamtgenauigkeit auf etwa 5 Prozent bekannt, mit 800 auf 2,5.</translation>
    </message>
    <message>
        <source>Drawn from</source>
        <translation>Gezogen aus</translation>
    </message>
    <message>
        <source>What points are drawn from one by one: each class of the map; levels of uncertainty (the surest half of the area, and ever smaller parts of the rest); or none, the whole map.</source>
        <translation>Woraus Punkte einzeln gezogen werden: class, aus jeder Klasse der Karte; uncertainty, aus Stufen der Unsicherheit (der sichersten Hälfte der Fläche und immer kleineren Teilen des Rests); oder none, aus der ganzen Karte.</translation>
    </message>
    <message>
        <source>Shares</source>
        <translation>Anteile</translation>
    </message>
    <message>
        <source>How the points are shared: proportional to the area, best for the overall accuracy; equal, best for the accuracy of each class; optimal, by area and expected errors.</source>
        <translation>Wie die Punkte verteilt werden: proportional, nach der Fläche, am besten für die Gesamtgenauigkeit; equal, gleich viele, am besten für die Genauigkeit jeder Klasse; optimal, nach Fläche und erwarteten Fehlern.</translation>
    </message>
    <message>
        <source>Least number in each</source>
        <translation>Mindestzahl in jeder</translation>
    </message>
    <message>
        <source>Every class or level gets at least so many points, as far as it has pixels: rare classes would get none else.</source>
        <translation>Jede Klasse oder Stufe erhält mindestens so viele Punkte, soweit sie Pixel hat: seltene Klassen bekämen sonst keine.</translation>
    </message>
    <message>
        <source>Expected accuracies, for optimal shares</source>
        <translation>Erwartete Genauigkeiten, für optimale Anteile</translation>
    </message>
    <message>
        <source>How right each class is thought to be, from 0 to 1, such as 'road=0.7; building=0.9'; what is left out is taken from the mean uncertainty.</source>
        <translation>Wie richtig jede Klasse vermutlich ist, von 0 bis 1, etwa „road=0.7; building=0.9“; was fehlt, wird der mittleren Unsicherheit entnommen.</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>Startwert</translation>
    </message>
    <message>
        <source>The same number draws the same points from the same raster; another one draws others.</source>
        <translation>Dieselbe Zahl zieht dieselben Punkte aus demselben Raster, eine andere zieht andere.</translation>
    </message>
    <message>
        <source>Do not tell the map's class</source>
        <translation>Die Klasse der Karte nicht verraten</translation>
    </message>
    <message>
        <source>Points hide the class of the map, so that it does not sway who judges them: then each is judged by the key of its class, and hide the layer of the classes too.</source>
        <translation>Die Punkte verbergen die Klasse der Karte, damit sie das Urteil nicht beeinflusst: Dann wird jeder mit der Taste seiner Klasse beurteilt; blenden Sie auch den Layer der Klassen aus.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a point, in random order, with rank, mean_u (uncertainty, 0 to 1), class, stratum with its name, pixels and area, and status ('open'); choose a GeoPackage to keep the judgements.</source>
        <translation>Der zu schreibende Layer, ein Objekt je Punkt, in zufälliger Reihenfolge, mit rank, mean_u (Unsicherheit, 0 bis 1), class, Schicht mit Name, Pixeln und Fläche und status („open“); wählen Sie ein GeoPackage, um die Beurteilungen zu behalten.</translation>
    </message>
    <message>
        <source>How many points were drawn.</source>
        <translation>Wie viele Punkte gezogen wurden.</translation>
    </message>
    <message>
        <source>Segmentation</source>
        <translation>Segmentierung</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Überprüfung</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Cancelled: nothing was written.</source>
        <translation>Abgebrochen: Es wurde nichts geschrieben.</translation>
    </message>
    <message>
        <source>Parameters</source>
        <translation>Parameter</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Ausgaben</translation>
    </message>
    <message>
        <source>'{}' is no GeoTIFF by its name: end the name of {} with .tif or .tiff.</source>
        <translation>„{}“ ist dem Namen nach kein GeoTIFF: Der Name von {} muss mit .tif oder .tiff enden.</translation>
    </message>
    <message>
        <source>The algorithm was not prepared: run it through Processing.</source>
        <translation>Der Algorithmus wurde nicht vorbereitet: Bitte über die Verarbeitung ausführen.</translation>
    </message>
    <message>
        <source>Raster from a basemap</source>
        <translation>Raster aus einer Hintergrundkarte</translation>
    </message>
    <message>
        <source>basemap,xyz,tiles,wms,wmts,web map,imagery,download,satellite,aerial</source>
        <translation>Hintergrundkarte,basemap,xyz,Kacheln,wms,wmts,Webkarte,Bilder,herunterladen,Satellit,Luftbild</translation>
    </message>
    <message>
        <source>Reads a part of a basemap (XYZ tiles, WMS, WMTS) at a chosen pixel size into a GeoTIFF, which can then be segmented. Whether the imagery may be stored and analysed is decided by the terms of its service: look them up first. The attribution of the layer is written into the file.</source>
        <translation>Liest einen Teil einer Hintergrundkarte (XYZ-Kacheln, WMS, WMTS) mit einer gewählten Pixelgröße in ein GeoTIFF, das sich dann segmentieren lässt. Ob die Bilder gespeichert und ausgewertet werden dürfen, bestimmen die Nutzungsbedingungen des Dienstes: zuerst nachlesen. Der Urhebervermerk des Layers wird in die Datei geschrieben.</translation>
    </message>
    <message>
        <source>Basemap</source>
        <translation>Hintergrundkarte</translation>
    </message>
    <message>
        <source>A layer that a service draws: XYZ tiles, WMS or WMTS.</source>
        <translation>Ein Layer, den ein Dienst zeichnet: XYZ-Kacheln, WMS oder WMTS.</translation>
    </message>
    <message>
        <source>Extent</source>
        <translation>Ausdehnung</translation>
    </message>
    <message>
        <source>The part to read; an extent in another coordinate system is transformed.</source>
        <translation>Der Teil, der gelesen wird; eine Ausdehnung in einem anderen Koordinatensystem wird umgerechnet.</translation>
    </message>
    <message>
        <source>Pixel size in metres</source>
        <translation>Pixelgröße in Metern</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground. Where the service has zoom levels, the pixels of the nearest one are taken as they are.</source>
        <translation>Die Seite eines Pixels am Boden. Wo der Dienst Zoomstufen hat, werden die Pixel der nächstliegenden unverändert übernommen.</translation>
    </message>
    <message>
        <source>Most tiles</source>
        <translation>Höchstzahl der Kacheln</translation>
    </message>
    <message>
        <source>The run does not begin where it would ask the service for more tiles than this.</source>
        <translation>Der Lauf beginnt nicht, wenn er den Dienst um mehr Kacheln bitten würde.</translation>
    </message>
    <message>
        <source>Raster</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>The raster to write: red, green, blue, and alpha, which is 0 where no tile came (GeoTIFF).</source>
        <translation>Das Raster, das geschrieben wird: Rot, Grün, Blau und Alpha, das 0 ist, wo keine Kachel kam (GeoTIFF).</translation>
    </message>
    <message>
        <source>Tiles</source>
        <translation>Kacheln</translation>
    </message>
    <message>
        <source>Tiles that were read.</source>
        <translation>Kacheln, die gelesen wurden.</translation>
    </message>
    <message>
        <source>Missing tiles</source>
        <translation>Fehlende Kacheln</translation>
    </message>
    <message>
        <source>Tiles that did not come, or are empty: they are no data.</source>
        <translation>Kacheln, die nicht kamen oder leer sind: Sie sind ohne Daten.</translation>
    </message>
    <message>
        <source>Pixel size</source>
        <translation>Pixelgröße</translation>
    </message>
    <message>
        <source>The side of a pixel on the ground in metres, as it was read.</source>
        <translation>Die Seite eines Pixels am Boden in Metern, wie gelesen.</translation>
    </message>
    <message>
        <source>{} of {} tiles did not come or are empty, and are no data. {}</source>
        <translation>{} von {} Kacheln kamen nicht oder sind leer, und sind ohne Daten. {}</translation>
    </message>
    <message>
        <source>The layer names no attribution: look up the terms of its service before you use the imagery.</source>
        <translation>Der Layer nennt keinen Urheber: Lesen Sie die Nutzungsbedingungen des Dienstes, bevor Sie die Bilder verwenden.</translation>
    </message>
    <message>
        <source>{} x {} pixels of {} m: {} tiles are asked for.</source>
        <translation>{} x {} Pixel von {} m: {} Kacheln werden angefordert.</translation>
    </message>
    <message>
        <source>The service has no zoom level near {} m: pixels of {} m are read.</source>
        <translation>Der Dienst hat keine Zoomstufe nahe {} m: Pixel von {} m werden gelesen.</translation>
    </message>
    <message>
        <source>Attribution: {}</source>
        <translation>Urhebervermerk: {}</translation>
    </message>
    <message>
        <source>Class areas</source>
        <translation>Klassenflächen</translation>
    </message>
    <message>
        <source>land cover,area,share,statistics,zonal,histogram,unique values,hectares,uncertainty,report,classification</source>
        <translation>Landbedeckung,Fläche,Anteil,Statistik,zonal,Histogramm,eindeutige Werte,Hektar,Unsicherheit,Bericht,Klassifikation</translation>
    </message>
    <message>
        <source>Measures the area and the share of each class of a class raster, over the whole and inside each polygon of an optional layer, with the part that is uncertain. Areas are those on the ground, on the ellipsoid of the raster's coordinate reference system (in the plane of the map where the project measures planimetrically), in the project's unit. The result is a table, and a report with bars for reading and printing.</source>
        <translation>Misst Fläche und Anteil jeder Klasse eines Klassenrasters, insgesamt und in jedem Polygon eines optionalen Layers, samt dem Teil, der unsicher ist. Die Flächen gelten auf dem Boden, auf dem Ellipsoid des Koordinatenbezugssystems des Rasters (in der Kartenebene, wenn das Projekt planimetrisch misst), in der Einheit des Projekts. Das Ergebnis ist eine Tabelle und ein Bericht mit Balken zum Lesen und Drucken.</translation>
    </message>
    <message>
        <source>A class raster as 'Segment raster' writes it: one band of numbers from 0 to 255.</source>
        <translation>Ein Klassenraster, wie „Raster segmentieren“ es schreibt: ein Kanal mit Zahlen von 0 bis 255.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, nothing is said about uncertainty.</source>
        <translation>Das Unsicherheitsraster, das zusammen mit den Klassen geschrieben wurde; bleibt es leer, wird über Unsicherheit nichts gesagt.</translation>
    </message>
    <message>
        <source>Band of the uncertainty (default: 2, the final one)</source>
        <translation>Kanal der Unsicherheit (Vorgabe: 2, die endgültige)</translation>
    </message>
    <message>
        <source>Which uncertainty counts: 2, the final one, after refining; or 1, that of the coarse view (U).</source>
        <translation>Welche Unsicherheit zählt: 2, die endgültige, nach dem Verfeinern; oder 1, die der groben Sicht (U).</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Ein Pixel gilt als unsicher, wenn seine Unsicherheit, von 0 (sicher) bis 1, diese Zahl erreicht.</translation>
    </message>
    <message>
        <source>Zones</source>
        <translation>Zonen</translation>
    </message>
    <message>
        <source>Polygons to measure apart, in any coordinate system; a pixel belongs to the polygons that hold its centre.</source>
        <translation>Polygone, die einzeln gemessen werden, in einem beliebigen Koordinatensystem; ein Pixel gehört zu den Polygonen, in denen seine Mitte liegt.</translation>
    </message>
    <message>
        <source>Field that names the zones</source>
        <translation>Feld mit den Namen der Zonen</translation>
    </message>
    <message>
        <source>The field whose value names a zone in table and report; left empty, the feature's id.</source>
        <translation>Das Feld, dessen Wert eine Zone in Tabelle und Bericht benennt; bleibt es leer, die Objektkennung.</translation>
    </message>
    <message>
        <source>The table to write, one row a class for the whole raster and for each zone: zone, class (number), name, pixels, area, unit, share and unsure_share (both 0 to 1).</source>
        <translation>Die zu schreibende Tabelle, eine Zeile je Klasse für das ganze Raster und für jede Zone: zone, class (Nummer), name, pixels, area, unit, share und unsure_share (beide 0 bis 1).</translation>
    </message>
    <message>
        <source>The report to write, one file that needs nothing else (HTML).</source>
        <translation>Der zu schreibende Bericht, eine Datei, die sonst nichts braucht (HTML).</translation>
    </message>
    <message>
        <source>Clean classes</source>
        <translation>Klassen bereinigen</translation>
    </message>
    <message>
        <source>sieve,majority,mode,filter,specks,noise,salt and pepper,smooth,regularize,land cover,classification</source>
        <translation>sieben,Mehrheit,Modus,Filter,Flecken,Rauschen,Salz und Pfeffer,glätten,regularisieren,Landbedeckung,Klassifikation</translation>
    </message>
    <message>
        <source>Removes specks from a class raster: patches that are too small become part of the neighbour with the longest border. Before, each pixel can get the most frequent class around it, which smooths ragged borders. Palette, class names and grid stay, and so do pixels without data.</source>
        <translation>Entfernt Flecken aus einem Klassenraster: Zu kleine Flächen werden Teil des Nachbarn mit der längsten Grenze. Vorher kann jedes Pixel die häufigste Klasse seiner Umgebung erhalten, was ausgefranste Ränder glättet. Palette, Klassennamen und Gitter bleiben, ebenso Leerwerte.</translation>
    </message>
    <message>
        <source>Smallest patch, in square metres (default: 100 pixels)</source>
        <translation>Kleinste Fläche, in Quadratmetern (Vorgabe: 100 Pixel)</translation>
    </message>
    <message>
        <source>Smaller ones become part of the neighbour with the longest border; 0 keeps all. Pixels where the raster has no coordinate reference system.</source>
        <translation>Kleinere werden Teil des Nachbarn mit der längsten Grenze; 0 behält alle. Pixel, wenn das Raster kein Koordinatenbezugssystem hat.</translation>
    </message>
    <message>
        <source>Square of the majority, in pixels (0: none)</source>
        <translation>Quadrat der Mehrheit, in Pixeln (0: keines)</translation>
    </message>
    <message>
        <source>Side of the square around each pixel whose most frequent class it gets: an odd number from 3.</source>
        <translation>Seite des Quadrats um jedes Pixel, dessen häufigste Klasse es erhält: eine ungerade Zahl ab 3.</translation>
    </message>
    <message>
        <source>Cleaned classes</source>
        <translation>Bereinigte Klassen</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the one that is read is left as it is.</source>
        <translation>Das zu schreibende Klassenraster (GeoTIFF); das gelesene bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>Changed pixels</source>
        <translation>Geänderte Pixel</translation>
    </message>
    <message>
        <source>How many pixels have another class now.</source>
        <translation>Wie viele Pixel jetzt eine andere Klasse haben.</translation>
    </message>
    <message>
        <source>Patches</source>
        <translation>Flächen</translation>
    </message>
    <message>
        <source>How many patches of one class are left.</source>
        <translation>Wie viele Flächen einer Klasse übrig sind.</translation>
    </message>
    <message>
        <source>Class polygons</source>
        <translation>Klassenpolygone</translation>
    </message>
    <message>
        <source>polygonize,vectorize,vector,outline,buildings,roofs,footprints,roads,land cover,classification,generalize,simplify,smooth,sieve,geopackage,flatgeobuf</source>
        <translation>polygonisieren,vektorisieren,Vektor,Umriss,Gebäude,Dächer,Grundrisse,Straßen,Landbedeckung,Klassifikation,generalisieren,vereinfachen,glätten,sieben,GeoPackage,FlatGeobuf</translation>
    </message>
    <message>
        <source>Outlines the classes of a class raster as polygons with name, area on the ground and uncertainty. Neighbours share their borders, so that there are neither gaps nor slivers; specks become part of the neighbour with the longest border, and nothing of the raster gets lost. Rasters may have any size.</source>
        <translation>Umreißt die Klassen eines Klassenrasters als Polygone mit Namen, Fläche auf dem Boden und Unsicherheit. Nachbarn teilen ihre Grenzen, sodass es weder Lücken noch Splitter gibt; Flecken werden Teil des Nachbarn mit der längsten Grenze, und nichts vom Raster geht verloren. Raster dürfen beliebig groß sein.</translation>
    </message>
    <message>
        <source>The uncertainty raster that was written together with the classes; left empty, the fields about it stay empty.</source>
        <translation>Das Unsicherheitsraster, das zusammen mit den Klassen geschrieben wurde; bleibt es leer, bleiben die Felder dazu leer.</translation>
    </message>
    <message>
        <source>Classes to outline (default: all)</source>
        <translation>Zu umreißende Klassen (Vorgabe: alle)</translation>
    </message>
    <message>
        <source>Names or numbers of classes, separated by commas: 'building, road'; the others are left out.</source>
        <translation>Namen oder Nummern von Klassen, durch Kommas getrennt: „building, road“; die anderen werden weggelassen.</translation>
    </message>
    <message>
        <source>Smallest polygon, in square metres (default: 100 pixels)</source>
        <translation>Kleinstes Polygon, in Quadratmetern (Vorgabe: 100 Pixel)</translation>
    </message>
    <message>
        <source>Smallest hole, in square metres (default: as the smallest polygon)</source>
        <translation>Kleinstes Loch, in Quadratmetern (Vorgabe: wie das kleinste Polygon)</translation>
    </message>
    <message>
        <source>Smaller holes are filled, whatever class is in them; holes without data stay.</source>
        <translation>Kleinere Löcher werden gefüllt, welche Klasse auch darin ist; Löcher ohne Daten bleiben.</translation>
    </message>
    <message>
        <source>Smoothing, in pixels</source>
        <translation>Glättung, in Pixeln</translation>
    </message>
    <message>
        <source>How far a smoothed border may be from where the raster has it; 0 follows the sides of pixels. Where data end, borders stay as they are.</source>
        <translation>Wie weit eine geglättete Grenze von der des Rasters entfernt sein darf; 0 folgt den Seiten der Pixel. Wo die Daten enden, bleiben Grenzen, wie sie sind.</translation>
    </message>
    <message>
        <source>Classes with right angles</source>
        <translation>Klassen mit rechten Winkeln</translation>
    </message>
    <message>
        <source>Names or numbers of classes, such as buildings, whose outlines get right angles along their main direction where that keeps them near their borders; where it does not, they are smoothed like others. Best with these classes alone: borders at which three polygons meet stay smoothed.</source>
        <translation>Namen oder Nummern von Klassen, etwa Gebäuden, deren Umrisse rechte Winkel entlang ihrer Hauptrichtung erhalten, wo sie damit nahe an ihren Grenzen bleiben; sonst werden sie wie andere geglättet. Am besten mit diesen Klassen allein: Grenzen, an denen drei Polygone zusammentreffen, bleiben geglättet.</translation>
    </message>
    <message>
        <source>Largest shift for right angles, in pixels</source>
        <translation>Größte Verschiebung für rechte Winkel, in Pixeln</translation>
    </message>
    <message>
        <source>How far an outline with right angles may be from its border.</source>
        <translation>Wie weit ein Umriss mit rechten Winkeln von seiner Grenze entfernt sein darf.</translation>
    </message>
    <message>
        <source>A pixel counts as unsure when its final uncertainty, 0 (sure) to 1, reaches this number.</source>
        <translation>Ein Pixel gilt als unsicher, wenn seine endgültige Unsicherheit, von 0 (sicher) bis 1, diese Zahl erreicht.</translation>
    </message>
    <message>
        <source>The file to write, GeoPackage (.gpkg) or FlatGeobuf (.fgb), one feature a polygon: class (number), name, area_m2 (on the ground), pixels, mean_u and mean_final (uncertainty 0 to 1) and unsure_share (0 to 1).</source>
        <translation>Die zu schreibende Datei, GeoPackage (.gpkg) oder FlatGeobuf (.fgb), ein Objekt je Polygon: class (Nummer), name, area_m2 (auf dem Boden), pixels, mean_u und mean_final (Unsicherheit 0 bis 1) und unsure_share (0 bis 1).</translation>
    </message>
    <message>
        <source>What was made, for programs: polygons and areas by class, and how far borders moved (JSON).</source>
        <translation>Was gemacht wurde, für Programme: Polygone und Flächen nach Klassen, und wie weit Grenzen verschoben sind (JSON).</translation>
    </message>
    <message>
        <source>Polygons</source>
        <translation>Polygone</translation>
    </message>
    <message>
        <source>How many polygons were written.</source>
        <translation>Wie viele Polygone geschrieben wurden.</translation>
    </message>
    <message>
        <source>Largest shift</source>
        <translation>Größte Verschiebung</translation>
    </message>
    <message>
        <source>How far a border of the raster is from those of the polygons, in pixels.</source>
        <translation>Wie weit eine Grenze des Rasters von denen der Polygone entfernt ist, in Pixeln.</translation>
    </message>
    <message>
        <source>Corrected classes</source>
        <translation>Korrigierte Klassen</translation>
    </message>
    <message>
        <source>review,correct,edit,burn,rasterize,land cover,classification,labels,fix,post-processing</source>
        <translation>Überprüfung,korrigieren,bearbeiten,einbrennen,rastern,Landbedeckung,Klassifikation,Beschriftungen,Nachbearbeitung</translation>
    </message>
    <message>
        <source>Burns the judgements of a review and the corrections that were drawn into a copy of the class raster. The copy has the same grid, classes and colours; pixels without data stay so. Regions judged 'wrong' become their new class; corrections win over regions, and in each layer later features win over earlier ones.</source>
        <translation>Brennt die Beurteilungen einer Überprüfung und die gezeichneten Korrekturen in eine Kopie des Klassenrasters ein. Die Kopie hat dasselbe Gitter, dieselben Klassen und Farben; Leerwerte bleiben leer. Als falsch beurteilte Regionen erhalten ihre neue Klasse; Korrekturen gehen Regionen vor, und in jedem Layer gehen spätere Objekte früheren vor.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed, as 'Segment raster' wrote it.</source>
        <translation>Das Klassenraster, das überprüft wurde, wie „Raster segmentieren“ es geschrieben hat.</translation>
    </message>
    <message>
        <source>The class raster to write (GeoTIFF); the reviewed one is left as it is.</source>
        <translation>Das zu schreibende Klassenraster (GeoTIFF); das überprüfte bleibt, wie es ist.</translation>
    </message>
    <message>
        <source>Judged pixels</source>
        <translation>Beurteilte Pixel</translation>
    </message>
    <message>
        <source>How many pixels with data lie in judged regions and corrections.</source>
        <translation>Wie viele Pixel mit Daten in beurteilten Regionen und Korrekturen liegen.</translation>
    </message>
    <message>
        <source>Judged regions</source>
        <translation>Beurteilte Regionen</translation>
    </message>
    <message>
        <source>The layer of regions that was reviewed, with the fields 'status' ('right', 'wrong', ...) and 'new_class' (the number of the class that a wrong region is).</source>
        <translation>Der Layer der überprüften Regionen mit den Feldern „status“ („right“, „wrong“, ...) und „new_class“ (die Nummer der Klasse, die eine falsche Region hat).</translation>
    </message>
    <message>
        <source>Drawn corrections</source>
        <translation>Gezeichnete Korrekturen</translation>
    </message>
    <message>
        <source>The polygons that were drawn in the review, the table 'corrections' beside the regions, with the field 'class' (the number of the class).</source>
        <translation>Die Polygone, die bei der Überprüfung gezeichnet wurden, die Tabelle „corrections“ neben den Regionen, mit dem Feld „class“ (der Nummer der Klasse).</translation>
    </message>
    <message>
        <source>Training samples</source>
        <translation>Trainingsbeispiele</translation>
    </message>
    <message>
        <source>review,training,labels,masks,chips,tiles,crops,patches,deep learning,fine-tune,active learning,dataset</source>
        <translation>Überprüfung,Training,Beschriftungen,Masken,Ausschnitte,Kacheln,Deep Learning,nachtrainieren,aktives Lernen,Datensatz</translation>
    </message>
    <message>
        <source>Cuts pieces of the image around all that was judged in a review, each with a label image that holds the right class where somebody said so and 'not judged' (255) elsewhere: the class raster's own class in regions that are 'right', the new class in 'wrong' ones, the drawn class in corrections. The folder is what training/train.py reads with training/configs/folder.yaml.</source>
        <translation>Schneidet Stücke des Bildes um alles aus, was bei einer Überprüfung beurteilt wurde, jedes mit einem Bild der Klassen: mit der richtigen Klasse, wo jemand sie genannt hat, und „nicht beurteilt“ (255) überall sonst. In richtigen Regionen ist das die Klasse des Klassenrasters, in falschen die neue Klasse, in Korrekturen die gezeichnete. Den Ordner liest training/train.py mit training/configs/folder.yaml.</translation>
    </message>
    <message>
        <source>The raster that was segmented, of any number of bands, in 8 or 16 bits or any other type.</source>
        <translation>Das Raster, das segmentiert wurde, mit beliebig vielen Kanälen, in 8 oder 16 Bit oder einem anderen Typ.</translation>
    </message>
    <message>
        <source>The class raster that was reviewed; it lies on the pixels of the raster.</source>
        <translation>Das Klassenraster, das überprüft wurde; es liegt auf den Pixeln des Rasters.</translation>
    </message>
    <message>
        <source>Bands in the model's order (default: all but alpha)</source>
        <translation>Kanäle in der Reihenfolge des Modells (Vorgabe: alle außer Alpha)</translation>
    </message>
    <message>
        <source>The bands that the model sees, in its order (red, green, blue for the bundled one).</source>
        <translation>Die Kanäle, die das Modell sieht, in seiner Reihenfolge (Rot, Grün, Blau beim mitgelieferten).</translation>
    </message>
    <message>
        <source>Side of a sample, in pixels</source>
        <translation>Seitenlänge eines Beispiels in Pixeln</translation>
    </message>
    <message>
        <source>Samples of at least the training's crop (640 in folder.yaml) are used as they are, smaller ones are magnified.</source>
        <translation>Beispiele, die mindestens so groß sind wie der Ausschnitt des Trainings (640 in folder.yaml), werden unverändert benutzt, kleinere vergrößert.</translation>
    </message>
    <message>
        <source>Share for validation</source>
        <translation>Anteil für die Validierung</translation>
    </message>
    <message>
        <source>The share of the samples (0 to 0.5) that training is measured on instead of learning from them: with 0.2 the second of every five.</source>
        <translation>Der Anteil der Beispiele (0 bis 0.5), an dem das Training gemessen wird, statt daraus zu lernen: bei 0.2 das zweite von je fünf.</translation>
    </message>
    <message>
        <source>Add to the samples in the folder</source>
        <translation>Zu den Beispielen im Ordner hinzufügen</translation>
    </message>
    <message>
        <source>Adds to a folder that this algorithm has filled before, so that several rasters make one set; samples that it holds of the same raster are replaced.</source>
        <translation>Fügt zu einem Ordner hinzu, den dieser Algorithmus schon gefüllt hat, sodass mehrere Raster einen Satz bilden; vorhandene Beispiele desselben Rasters werden ersetzt.</translation>
    </message>
    <message>
        <source>Folder of samples</source>
        <translation>Ordner der Beispiele</translation>
    </message>
    <message>
        <source>A new or empty folder, unless samples are added: classes.yaml, train/ and val/ with images/ and labels/, and samples.json, the list of what came from where.</source>
        <translation>Ein neuer oder leerer Ordner, falls nicht hinzugefügt wird: classes.yaml, train/ und val/ mit images/ und labels/ sowie samples.json, die Liste, was woher kam.</translation>
    </message>
    <message>
        <source>How many samples of this raster are for training.</source>
        <translation>Wie viele Beispiele dieses Rasters für das Training sind.</translation>
    </message>
    <message>
        <source>Validation samples</source>
        <translation>Validierungsbeispiele</translation>
    </message>
    <message>
        <source>How many samples of this raster are for validation.</source>
        <translation>Wie viele Beispiele dieses Rasters für die Validierung sind.</translation>
    </message>
    <message>
        <source>How many pixels are labelled.</source>
        <translation>Wie viele Pixel eine Klasse haben.</translation>
    </message>
    <message>
        <source>Diagnostics</source>
        <translation>Diagnose</translation>
    </message>
    <message>
        <source>version,install,onnxruntime,gpu,device,speed,benchmark,bug report,troubleshooting</source>
        <translation>Version,Installation,onnxruntime,GPU,Gerät,Geschwindigkeit,Benchmark,Fehlerbericht,Fehlersuche</translation>
    </message>
    <message>
        <source>Lists the versions of everything that takes part, the devices that were found, and the speed of a short run of the bundled model on a generated raster. What is broken is told, not stumbled over. The text is for a bug report: it holds no paths, names, layers or projects of yours, and it is not sent anywhere.</source>
        <translation>Listet die Versionen von allem, was beteiligt ist, die gefundenen Geräte und die Geschwindigkeit eines kurzen Laufs des mitgelieferten Modells auf einem erzeugten Raster. Was nicht funktioniert, wird genannt. Der Text ist für einen Fehlerbericht: Er enthält keine Ihrer Pfade, Namen, Layer oder Projekte und wird nirgendwohin gesendet.</translation>
    </message>
    <message>
        <source>Device to test</source>
        <translation>Zu prüfendes Gerät</translation>
    </message>
    <message>
        <source>Where the short run computes: auto takes the best that is found.</source>
        <translation>Wo der kurze Lauf rechnet: auto nimmt das beste gefundene.</translation>
    </message>
    <message>
        <source>A file for the text, for reading (*.html) or for pasting (*.txt).</source>
        <translation>Eine Datei für den Text, zum Lesen (*.html) oder zum Einfügen (*.txt).</translation>
    </message>
    <message>
        <source>Text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>The lines, to paste into a bug report.</source>
        <translation>Die Zeilen, zum Einfügen in einen Fehlerbericht.</translation>
    </message>
    <message>
        <source>Works</source>
        <translation>Funktioniert</translation>
    </message>
    <message>
        <source>Whether nothing was found broken.</source>
        <translation>Ob kein Fehler gefunden wurde.</translation>
    </message>
    <message>
        <source>HTML (*.html);;Text (*.txt)</source>
        <translation>HTML (*.html);;Text (*.txt)</translation>
    </message>
    <message>
        <source>{} Or copy the lines above.</source>
        <translation>{} Oder kopieren Sie die Zeilen oben.</translation>
    </message>
    <message>
        <source>Import model</source>
        <translation>Modell importieren</translation>
    </message>
    <message>
        <source>onnx,import,neural network,deep learning,own network,custom model,deepness,pytorch,u-net,deeplab,segformer</source>
        <translation>onnx,Import,neuronales Netz,Deep Learning,eigenes Netz,eigenes Modell,deepness,pytorch,u-net,deeplab,segformer</translation>
    </message>
    <message>
        <source>Makes a model of any segmentation network in ONNX, so that 'Segment raster' offers it by name. What the file tells (also in the way of the plugin Deepness) and what a short run of it tells need not be given; what is missing is asked for in one line.</source>
        <translation>Macht aus einem beliebigen Segmentierungsnetz in ONNX ein Modell, das „Raster segmentieren“ mit Namen anbietet. Was die Datei sagt (auch in der Weise der Erweiterung Deepness) und was ein kurzer Lauf zeigt, braucht nicht angegeben zu werden; nach dem, was fehlt, wird in einer Zeile gefragt.</translation>
    </message>
    <message>
        <source>Network (ONNX)</source>
        <translation>Netz (ONNX)</translation>
    </message>
    <message>
        <source>A file with one image as input and one score for each class and pixel as output; its weights must be inside.</source>
        <translation>Eine Datei mit einem Bild als Eingabe und einer Bewertung je Klasse und Pixel als Ausgabe; ihre Gewichte müssen darin sein.</translation>
    </message>
    <message>
        <source>Name of the model</source>
        <translation>Name des Modells</translation>
    </message>
    <message>
        <source>By which 'Segment raster' will offer it; left empty, the name of the file.</source>
        <translation>Unter dem „Raster segmentieren“ es anbieten wird; bleibt er leer, der Name der Datei.</translation>
    </message>
    <message>
        <source>Classes, in the network's order</source>
        <translation>Klassen, in der Reihenfolge des Netzes</translation>
    </message>
    <message>
        <source>Names separated by commas, perhaps with colours: water=1F78B4,land,road. Left empty, those in the file.</source>
        <translation>Namen, durch Kommas getrennt, vielleicht mit Farben: Wasser=1F78B4,Land,Straße. Bleibt es leer, die in der Datei.</translation>
    </message>
    <message>
        <source>Bands, in the network's order</source>
        <translation>Kanäle, in der Reihenfolge des Netzes</translation>
    </message>
    <message>
        <source>Roles or names separated by commas, such as red,green,blue or red,green,blue,nir. Left empty, red,green,blue for a file of Deepness with three bands.</source>
        <translation>Rollen oder Namen, durch Kommas getrennt, etwa red,green,blue oder red,green,blue,nir. Bleibt es leer, red,green,blue bei einer Datei von Deepness mit drei Kanälen.</translation>
    </message>
    <message>
        <source>Pixel size in metres, or any</source>
        <translation>Pixelgröße in Metern oder any</translation>
    </message>
    <message>
        <source>The pixel size of the imagery that the network was trained on: other rasters are read at it; any where it does not matter. Left empty, what the file says.</source>
        <translation>Die Pixelgröße der Bilder, an denen das Netz trainiert wurde: andere Raster werden in ihr gelesen; any, wenn sie gleichgültig ist. Bleibt es leer, was die Datei sagt.</translation>
    </message>
    <message>
        <source>Divisor of the numbers</source>
        <translation>Teiler der Zahlen</translation>
    </message>
    <message>
        <source>What the raster's numbers are divided by before the mean is subtracted: 255 for networks that take 0 to 1, 1 for those that take the numbers as they are. Left empty, it follows from mean and std.</source>
        <translation>Wodurch die Zahlen des Rasters geteilt werden, bevor der Mittelwert abgezogen wird: 255 für Netze, die 0 bis 1 nehmen, 1 für solche, die die Zahlen nehmen, wie sie sind. Bleibt es leer, folgt es aus Mittelwert und Standardabweichung.</translation>
    </message>
    <message>
        <source>Mean</source>
        <translation>Mittelwert</translation>
    </message>
    <message>
        <source>What is subtracted then: one number, or one for each band, such as 0.485,0.456,0.406.</source>
        <translation>Was dann abgezogen wird: eine Zahl oder eine je Kanal, etwa 0.485,0.456,0.406.</translation>
    </message>
    <message>
        <source>Standard deviation</source>
        <translation>Standardabweichung</translation>
    </message>
    <message>
        <source>What the difference is divided by: one number, or one for each band, such as 0.229,0.224,0.225.</source>
        <translation>Wodurch der Unterschied geteilt wird: eine Zahl oder eine je Kanal, etwa 0.229,0.224,0.225.</translation>
    </message>
    <message>
        <source>Margin of the windows, in pixels</source>
        <translation>Rand der Fenster in Pixeln</translation>
    </message>
    <message>
        <source>How much of each window is thrown away along its borders, where the network lacks surroundings. Left empty, what the file says, else measured.</source>
        <translation>Wie viel von jedem Fenster an seinen Rändern verworfen wird, wo dem Netz die Umgebung fehlt. Bleibt es leer, was die Datei sagt, sonst gemessen.</translation>
    </message>
    <message>
        <source>First look</source>
        <translation>Erster Blick</translation>
    </message>
    <message>
        <source>none: the network sees the whole raster at full scale, as elsewhere. same: it sees it at 1/4 scale first, and only the most uncertain patches at full scale; faster, for networks that bear it.</source>
        <translation>none: Das Netz sieht das ganze Raster in voller Auflösung, wie anderswo. same: Es sieht es zuerst im Maßstab 1/4 und nur die unsichersten Kacheln in voller Auflösung; schneller, für Netze, die das vertragen.</translation>
    </message>
    <message>
        <source>Side of the windows, in pixels</source>
        <translation>Seite der Fenster in Pixeln</translation>
    </message>
    <message>
        <source>Only for networks that take images of any size; left empty, what the file says, else 512.</source>
        <translation>Nur für Netze, die Bilder jeder Größe nehmen; bleibt es leer, was die Datei sagt, sonst 512.</translation>
    </message>
    <message>
        <source>Numbers of the raster</source>
        <translation>Zahlen des Rasters</translation>
    </message>
    <message>
        <source>The data type of the imagery that the network was trained on; auto is that of a network that takes whole numbers, else uint8, to which other imagery is stretched.</source>
        <translation>Der Datentyp der Bilder, an denen das Netz trainiert wurde; auto ist der eines Netzes, das ganze Zahlen nimmt, sonst uint8, auf das andere Bilder gestreckt werden.</translation>
    </message>
    <message>
        <source>Output with the classes</source>
        <translation>Ausgabe mit den Klassen</translation>
    </message>
    <message>
        <source>Its name, for networks with several outputs.</source>
        <translation>Ihr Name, bei Netzen mit mehreren Ausgaben.</translation>
    </message>
    <message>
        <source>Axes of the input</source>
        <translation>Achsen der Eingabe</translation>
    </message>
    <message>
        <source>NCHW: batch, bands, height, width, as from PyTorch. NHWC: bands last, as from TensorFlow. auto finds it out.</source>
        <translation>NCHW: Stapel, Kanäle, Höhe, Breite, wie aus PyTorch. NHWC: Kanäle zuletzt, wie aus TensorFlow. auto findet es heraus.</translation>
    </message>
    <message>
        <source>Scores of the output</source>
        <translation>Bewertungen der Ausgabe</translation>
    </message>
    <message>
        <source>Whether softmax or sigmoid are part of the network (probabilities) or not (logits); auto finds it out.</source>
        <translation>Ob Softmax oder Sigmoid zum Netz gehören (probabilities) oder nicht (logits); auto findet es heraus.</translation>
    </message>
    <message>
        <source>Made from</source>
        <translation>Gemacht aus</translation>
    </message>
    <message>
        <source>What the network was trained on, in a sentence: for those who choose the model.</source>
        <translation>Woran das Netz trainiert wurde, in einem Satz: für die, die das Modell auswählen.</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <source>Of the weights.</source>
        <translation>Der Gewichte.</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Where the model is written; left empty, the folder of your models, from which 'Segment raster' offers it by name.</source>
        <translation>Wohin das Modell geschrieben wird; bleibt es leer, der Ordner Ihrer Modelle, aus dem „Raster segmentieren“ es mit Namen anbietet.</translation>
    </message>
    <message>
        <source>Replace a model of this name</source>
        <translation>Ein Modell dieses Namens ersetzen</translation>
    </message>
    <message>
        <source>Otherwise a model that is there already stays, and nothing is imported.</source>
        <translation>Sonst bleibt ein Modell, das schon da ist, und nichts wird importiert.</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>The model bundle that was written.</source>
        <translation>Das geschriebene Modellpaket.</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>The name of the model.</source>
        <translation>Der Name des Modells.</translation>
    </message>
    <message>
        <source>Network in ONNX (*.onnx);;All files (*)</source>
        <translation>Netz in ONNX (*.onnx);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>'Segment raster' offers it as {}.</source>
        <translation>„Raster segmentieren“ bietet es als {} an.</translation>
    </message>
    <message>
        <source>Legend as a picture</source>
        <translation>Legende als Bild</translation>
    </message>
    <message>
        <source>legend,key,print layout,map,picture,png,classes,uncertainty,colours</source>
        <translation>Legende,Zeichenerklärung,Drucklayout,Karte,Bild,PNG,Klassen,Unsicherheit,Farben</translation>
    </message>
    <message>
        <source>Draws the legend of class and uncertainty rasters as a picture for a print layout, a report or a slide: every class with colour and name, and the ramp of the uncertainty, as the layers are styled now.</source>
        <translation>Zeichnet die Legende von Klassen- und Unsicherheitsrastern als Bild für ein Drucklayout, einen Bericht oder eine Folie: jede Klasse mit Farbe und Namen und den Farbverlauf der Unsicherheit, so wie die Layer jetzt dargestellt sind.</translation>
    </message>
    <message>
        <source>Rasters</source>
        <translation>Raster</translation>
    </message>
    <message>
        <source>The layers whose legend is drawn, such as the classes and the uncertainty of a run.</source>
        <translation>Die Layer, deren Legende gezeichnet wird, etwa Klassen und Unsicherheit eines Laufs.</translation>
    </message>
    <message>
        <source>Title</source>
        <translation>Titel</translation>
    </message>
    <message>
        <source>Written above the legend.</source>
        <translation>Steht über der Legende.</translation>
    </message>
    <message>
        <source>Dots per inch</source>
        <translation>DPI</translation>
    </message>
    <message>
        <source>Pixels per inch of paper: 300 for print, 96 for a screen.</source>
        <translation>Pixel je Zoll auf dem Papier: 300 für den Druck, 96 für den Bildschirm.</translation>
    </message>
    <message>
        <source>Clear ground</source>
        <translation>Durchsichtiger Hintergrund</translation>
    </message>
    <message>
        <source>Leaves the ground transparent instead of white.</source>
        <translation>Lässt den Hintergrund durchsichtig statt weiß.</translation>
    </message>
    <message>
        <source>Legend</source>
        <translation>Legende</translation>
    </message>
    <message>
        <source>The picture to write (PNG).</source>
        <translation>Das zu schreibende Bild (PNG).</translation>
    </message>
    <message>
        <source>PNG (*.png)</source>
        <translation>PNG (*.png)</translation>
    </message>
    <message>
        <source>Segment raster</source>
        <translation>Raster segmentieren</translation>
    </message>
    <message>
        <source>land cover,classification,semantic segmentation,deep learning,neural network,onnx,uncertainty,orthophoto,aerial,satellite,ultra-high resolution</source>
        <translation>Landbedeckung,Klassifikation,semantische Segmentierung,Deep Learning,neuronales Netz,ONNX,Unsicherheit,Orthophoto,Luftbild,Satellit,sehr hohe Auflösung</translation>
    </message>
    <message>
        <source>Segments a raster of any size into the classes of a model, and maps where the result is uncertain. The whole raster is seen at 1/4 scale first; then the patches where that leaves most doubt are seen at full scale, and both views are joined.</source>
        <translation>Segmentiert ein Raster beliebiger Größe in die Klassen eines Modells und kartiert, wo das Ergebnis unsicher ist. Zuerst wird das ganze Raster im Maßstab 1/4 betrachtet, dann werden die Kacheln, in denen danach der größte Zweifel bleibt, in voller Auflösung betrachtet und beide Sichten verbunden.</translation>
    </message>
    <message>
        <source>A raster file with the bands that the model expects.</source>
        <translation>Eine Rasterdatei mit den Kanälen, die das Modell erwartet.</translation>
    </message>
    <message>
        <source>The name of a model, or the path of its bundle (*.uhrs); left empty, the one that comes with the plugin.</source>
        <translation>Der Name eines Modells oder der Pfad seines Pakets (*.uhrs); bleibt es leer, das mit der Erweiterung gelieferte.</translation>
    </message>
    <message>
        <source>Bands, in the model's order</source>
        <translation>Kanäle, in der Reihenfolge des Modells</translation>
    </message>
    <message>
        <source>The bands to give to the model, in its order (red, green, blue for the bundled one); left empty, they are found by colour interpretation and description, or the first ones where the raster has none.</source>
        <translation>Die Kanäle für das Modell, in seiner Reihenfolge (Rot, Grün, Blau beim mitgelieferten); bleiben sie leer, werden sie an Farbinterpretation und Beschreibung erkannt, oder es sind die ersten, wenn das Raster keine hat.</translation>
    </message>
    <message>
        <source>Alpha bands</source>
        <translation>Alphakanäle</translation>
    </message>
    <message>
        <source>What an alpha band is: auto and mask, 0 in it means no data; data, a band like others, such as near infrared that is labelled alpha.</source>
        <translation>Was ein Alphakanal ist: auto und mask, 0 darin bedeutet Leerwert; data, ein Kanal wie andere, etwa nahes Infrarot, das als Alpha bezeichnet ist.</translation>
    </message>
    <message>
        <source>Stretch to 8 bits</source>
        <translation>Auf 8 Bit strecken</translation>
    </message>
    <message>
        <source>How 16-bit or decimal numbers come to a model of 8 bits: auto, linearly between two percentiles of each band; none, not at all; or two numbers LOW,HIGH that become 0 and 255 in all bands.</source>
        <translation>Wie 16-Bit- oder Dezimalzahlen zu einem Modell mit 8 Bit kommen: auto, linear zwischen zwei Perzentilen jedes Kanals; none, gar nicht; oder zwei Zahlen LOW,HIGH, die in allen Kanälen zu 0 und 255 werden.</translation>
    </message>
    <message>
        <source>Only this part of the raster is segmented; an extent in another coordinate system is transformed. Left empty, all of it.</source>
        <translation>Nur dieser Teil des Rasters wird segmentiert; eine Ausdehnung in einem anderen Koordinatensystem wird transformiert. Bleibt es leer, das ganze.</translation>
    </message>
    <message>
        <source>Area of interest</source>
        <translation>Interessengebiet</translation>
    </message>
    <message>
        <source>Only what lies in these polygons is segmented; the rest becomes no data and costs nothing. Any layer of polygons does, also one that is being drawn (Raster &gt; UHRS segmentation &gt; Draw an area of interest).</source>
        <translation>Nur was in diesen Polygonen liegt, wird segmentiert; der Rest wird zu Leerwerten und kostet nichts. Jeder Layer mit Polygonen ist recht, auch einer, der gerade gezeichnet wird (Raster &gt; UHRS segmentation &gt; Interessengebiet zeichnen).</translation>
    </message>
    <message>
        <source>Share of patches to refine, K</source>
        <translation>Anteil der zu verfeinernden Kacheln, K</translation>
    </message>
    <message>
        <source>The share of patches, 0 to 1, that are seen at full scale, the most uncertain first: 0 is fastest, 1 is most thorough. Left empty, what the model suggests.</source>
        <translation>Der Anteil der Kacheln, 0 bis 1, die in voller Auflösung betrachtet werden, die unsichersten zuerst: 0 ist am schnellsten, 1 am gründlichsten. Bleibt es leer, was das Modell vorschlägt.</translation>
    </message>
    <message>
        <source>Least uncertainty, instead of K</source>
        <translation>Kleinste Unsicherheit, statt K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, all patches whose mean uncertainty (0 to 1) reaches this number are refined.</source>
        <translation>Statt eines festen Anteils werden alle Kacheln verfeinert, deren mittlere Unsicherheit (0 bis 1) diese Zahl erreicht.</translation>
    </message>
    <message>
        <source>Minutes for the run, instead of K</source>
        <translation>Minuten für den Lauf, statt K</translation>
    </message>
    <message>
        <source>Instead of a fixed share, the most uncertain patches are refined until the run has taken this long.</source>
        <translation>Statt eines festen Anteils werden die unsichersten Kacheln verfeinert, bis der Lauf so lange gedauert hat.</translation>
    </message>
    <message>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <source>Where the model runs: auto takes the best that the installed onnxruntime offers, else the processor (cpu); cuda:1 is the second NVIDIA card, cuda:all are all of them at once.</source>
        <translation>Wo das Modell rechnet: auto nimmt das beste, das die installierte onnxruntime anbietet, sonst den Prozessor (cpu); cuda:1 ist die zweite NVIDIA-Karte, cuda:all sind alle zugleich.</translation>
    </message>
    <message>
        <source>Precision</source>
        <translation>Genauigkeit</translation>
    </message>
    <message>
        <source>float computes in floating point; int8 in 8 bits, with nearly the same classes, where the model has such graphs; auto takes 8 bits on processors that are faster so.</source>
        <translation>float rechnet mit Gleitkommazahlen; int8 in 8 Bit, mit fast denselben Klassen, wenn das Modell solche Graphen hat; auto nimmt 8 Bit auf Prozessoren, die damit schneller sind.</translation>
    </message>
    <message>
        <source>Pixel size: auto, native or metres</source>
        <translation>Pixelgröße: auto, native oder Meter</translation>
    </message>
    <message>
        <source>auto reads the raster at the pixel size that the model was made for, where its own is more than 1.4 times finer or coarser; native always at its own; a number is a pixel size in metres.</source>
        <translation>auto liest das Raster in der Pixelgröße, für die das Modell gemacht ist, wenn seine eigene mehr als 1,4-mal feiner oder gröber ist; native immer in seiner eigenen; eine Zahl ist eine Pixelgröße in Metern.</translation>
    </message>
    <message>
        <source>Pixels of the outputs</source>
        <translation>Pixel der Ausgaben</translation>
    </message>
    <message>
        <source>Where the raster is read at another pixel size: working writes the outputs at that one, input in the raster's own pixels.</source>
        <translation>Wenn das Raster in einer anderen Pixelgröße gelesen wird: working schreibt die Ausgaben in dieser, input in den Pixeln des Rasters selbst.</translation>
    </message>
    <message>
        <source>Uncertainty cell in pixels</source>
        <translation>Zelle der Unsicherheit in Pixeln</translation>
    </message>
    <message>
        <source>Pixels of the raster per cell of the uncertainty map: 8 is its native grid and the smallest file.</source>
        <translation>Pixel des Rasters je Zelle der Unsicherheitskarte: 8 ist ihr eigenes Gitter und die kleinste Datei.</translation>
    </message>
    <message>
        <source>Map what is unfamiliar</source>
        <translation>Unvertrautes kartieren</translation>
    </message>
    <message>
        <source>Adds a third band to the uncertainty map: how unlike the imagery that the model was trained on each place is, 0 to 1. Where it is high, expect errors that the other bands do not show.</source>
        <translation>Fügt der Unsicherheitskarte einen dritten Kanal hinzu: wie unähnlich jeder Ort den Bildern ist, mit denen das Modell trainiert wurde, 0 bis 1. Wo er hoch ist, sind Fehler zu erwarten, die die anderen Kanäle nicht zeigen.</translation>
    </message>
    <message>
        <source>Go on from an earlier run</source>
        <translation>Einen früheren Lauf fortsetzen</translation>
    </message>
    <message>
        <source>Keeps what is finished when the run is cancelled or killed, and goes on from there when it is repeated.</source>
        <translation>Behält, was fertig ist, wenn der Lauf abgebrochen oder beendet wird, und macht dort weiter, wenn er wiederholt wird.</translation>
    </message>
    <message>
        <source>Damaged parts of the raster</source>
        <translation>Beschädigte Teile des Rasters</translation>
    </message>
    <message>
        <source>What happens where the file cannot be read: stop with an error, or treat it as no data.</source>
        <translation>Was geschieht, wo die Datei nicht gelesen werden kann: stop, mit einem Fehler anhalten, oder nodata, als Leerwerte behandeln.</translation>
    </message>
    <message>
        <source>The class map to write: one number a pixel, with palette and class names (GeoTIFF).</source>
        <translation>Die zu schreibende Klassenkarte: eine Zahl je Pixel, mit Palette und Klassennamen (GeoTIFF).</translation>
    </message>
    <message>
        <source>The uncertainty map to write, 0 (sure) to 1: band 1 is that of the coarse view (U), which chose the patches, band 2 the final one, after refining (GeoTIFF).</source>
        <translation>Die zu schreibende Unsicherheitskarte, 0 (sicher) bis 1: Kanal 1 ist die der groben Sicht (U), nach der die Kacheln gewählt wurden, Kanal 2 die endgültige, nach dem Verfeinern (GeoTIFF).</translation>
    </message>
    <message>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <source>The classes of the coarse view, one for 8 x 8 pixels, written and shown as soon as it is done, with its uncertainty beside it (GeoTIFF).</source>
        <translation>Die Klassen der groben Sicht, eine für 8 x 8 Pixel, geschrieben und angezeigt, sobald sie fertig ist, mit ihrer Unsicherheit daneben (GeoTIFF).</translation>
    </message>
    <message>
        <source>A file for seconds, patches, device and the area of each class (JSON).</source>
        <translation>Eine Datei für Sekunden, Kacheln, Gerät und die Fläche jeder Klasse (JSON).</translation>
    </message>
    <message>
        <source>Refined share of patches</source>
        <translation>Verfeinerter Anteil der Kacheln</translation>
    </message>
    <message>
        <source>The share of patches that were refined in the end, 0 to 1.</source>
        <translation>Der Anteil der Kacheln, die am Ende verfeinert wurden, 0 bis 1.</translation>
    </message>
    <message>
        <source>Pixels</source>
        <translation>Pixel</translation>
    </message>
    <message>
        <source>Pixels of the raster that were segmented.</source>
        <translation>Pixel des Rasters, die segmentiert wurden.</translation>
    </message>
    <message>
        <source>Seconds</source>
        <translation>Sekunden</translation>
    </message>
    <message>
        <source>How long the run took.</source>
        <translation>Wie lange der Lauf gedauert hat.</translation>
    </message>
    <message>
        <source>Model bundle (*.uhrs);;All files (*)</source>
        <translation>Modellpaket (*.uhrs);;Alle Dateien (*)</translation>
    </message>
    <message>
        <source>JSON (*.json)</source>
        <translation>JSON (*.json)</translation>
    </message>
    <message>
        <source>Cancelled: run it again as it was to go on from here.</source>
        <translation>Abgebrochen: Unverändert noch einmal ausführen, um hier weiterzumachen.</translation>
    </message>
    <message>
        <source>Bundles (*.uhrs) in this folder are offered by name: {}</source>
        <translation>Pakete (*.uhrs) in diesem Ordner werden mit Namen angeboten: {}</translation>
    </message>
    <message>
        <source>Preview: classes</source>
        <translation>Vorschau: Klassen</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <source>click the corners, right click to end. Then choose this layer as area of interest in 'Segment raster'.</source>
        <translation>die Ecken klicken, Rechtsklick beendet. Dann diesen Layer als Interessengebiet in „Raster segmentieren“ wählen.</translation>
    </message>
    <message>
        <source>Takes perhaps {} and {} GB of memory; the first run will measure this computer.</source>
        <translation>Dauert vielleicht {} und braucht {} GB Speicher; der erste Lauf misst diesen Rechner.</translation>
    </message>
    <message>
        <source>Takes about {} on {}, as measured on this computer, and {} GB of memory.</source>
        <translation>Dauert etwa {} auf {}, wie auf diesem Rechner gemessen, und braucht {} GB Speicher.</translation>
    </message>
    <message>
        <source>{} x {} pixels</source>
        <translation>{} x {} Pixel</translation>
    </message>
    <message>
        <source>The raster lies on a server: what is read of it comes over the network.</source>
        <translation>Das Raster liegt auf einem Server: Was davon gelesen wird, kommt über das Netz.</translation>
    </message>
    <message>
        <source>Takes {}, as asked for.</source>
        <translation>Dauert {}, wie verlangt.</translation>
    </message>
    <message>
        <source>The raster lies on a server: about {} of its {} MB are read.</source>
        <translation>Das Raster liegt auf einem Server: Etwa {} seiner {} MB werden gelesen.</translation>
    </message>
    <message>
        <source>{} to {}</source>
        <translation>{} bis {}</translation>
    </message>
    <message>
        <source>{} of {} m</source>
        <translation>{} von {} m</translation>
    </message>
    <message>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <source>any pixel size</source>
        <translation>beliebige Pixelgröße</translation>
    </message>
    <message>
        <source>Bands</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <source>{} classes</source>
        <translation>{} Klassen</translation>
    </message>
    <message>
        <source>Choose another model bundle (*.uhrs)</source>
        <translation>Ein anderes Modellpaket wählen (*.uhrs)</translation>
    </message>
    <message>
        <source>Fit of the raster to the model</source>
        <translation>Eignung des Rasters für das Modell</translation>
    </message>
    <message>
        <source>{} % done, about {} left</source>
        <translation>{} % fertig, noch etwa {}</translation>
    </message>
    <message>
        <source>Uncertain regions</source>
        <translation>Unsichere Regionen</translation>
    </message>
    <message>
        <source>uncertainty,doubt,review,quality,check,correct,active learning,hot spots,polygons,polygonize,vectorize,segmentation,classification</source>
        <translation>Unsicherheit,Zweifel,Überprüfung,Qualität,prüfen,korrigieren,aktives Lernen,Hotspots,Polygone,polygonisieren,vektorisieren,Segmentierung,Klassifikation</translation>
    </message>
    <message>
        <source>Outlines the places of a segmented raster that are worth a look: where the uncertainty is highest. They are ranked by what looking at them brings, which is their area times their mean uncertainty: rank 1 comes first.</source>
        <translation>Umreißt die Stellen eines segmentierten Rasters, die einen Blick wert sind: wo die Unsicherheit am höchsten ist. Ihre Rangfolge richtet sich danach, was der Blick bringt, nämlich Fläche mal mittlere Unsicherheit: Rang 1 kommt zuerst.</translation>
    </message>
    <message>
        <source>The uncertainty raster that 'Segment raster' wrote.</source>
        <translation>Das Unsicherheitsraster, das „Raster segmentieren“ geschrieben hat.</translation>
    </message>
    <message>
        <source>Band (default: the final uncertainty)</source>
        <translation>Kanal (Vorgabe: die endgültige Unsicherheit)</translation>
    </message>
    <message>
        <source>Band 2 is the final uncertainty, the doubt that is left in the result, and the default where the raster has it; band 1 (U) tells where the coarse view was unsure, much of which has been refined since.</source>
        <translation>Kanal 2 ist die endgültige Unsicherheit, der Zweifel, der im Ergebnis bleibt, und die Vorgabe, wenn das Raster ihn hat; Kanal 1 (U) sagt, wo die grobe Sicht unsicher war, und vieles davon wurde seither verfeinert.</translation>
    </message>
    <message>
        <source>The class raster of the same run; with it each region tells its most frequent class and the one after it.</source>
        <translation>Das Klassenraster desselben Laufs; damit nennt jede Region ihre häufigste Klasse und die nächste danach.</translation>
    </message>
    <message>
        <source>Share of the area, per cent</source>
        <translation>Anteil der Fläche in Prozent</translation>
    </message>
    <message>
        <source>The most uncertain part of the area, in per cent, that regions are made of.</source>
        <translation>Der unsicherste Teil der Fläche, in Prozent, aus dem Regionen gebildet werden.</translation>
    </message>
    <message>
        <source>Uncertainty threshold, instead of a share</source>
        <translation>Schwelle der Unsicherheit, statt eines Anteils</translation>
    </message>
    <message>
        <source>Instead of a share of the area, all cells whose uncertainty (0 to 1) reaches this number.</source>
        <translation>Statt eines Anteils der Fläche alle Zellen, deren Unsicherheit (0 bis 1) diese Zahl erreicht.</translation>
    </message>
    <message>
        <source>Spread over squares of so many cells (0: no)</source>
        <translation>Auf Quadrate von so vielen Zellen verteilen (0: nein)</translation>
    </message>
    <message>
        <source>Each square of so many cells (16 or more) gives the share of its own area, and the ranks go round: first the most important region of every square, then the second of each. So the first regions lie all over the raster when the doubts sit in one corner or are all alike; it does nothing with a threshold.</source>
        <translation>Jedes Quadrat von so vielen Zellen (16 oder mehr) gibt den Anteil seiner eigenen Fläche, und die Ränge gehen reihum: zuerst die wichtigste Region jedes Quadrats, dann die zweite von jedem. So liegen die ersten Regionen über das ganze Raster verteilt, auch wenn die Zweifel in einer Ecke sitzen oder alle gleich sind; mit einer Schwelle bewirkt es nichts.</translation>
    </message>
    <message>
        <source>Smallest region, in cells of 8 x 8 pixels</source>
        <translation>Kleinste Region, in Zellen von 8 x 8 Pixeln</translation>
    </message>
    <message>
        <source>Regions of fewer cells of the uncertainty raster are left out; a cell is 8 x 8 pixels of the image unless the run was told otherwise.</source>
        <translation>Regionen mit weniger Zellen des Unsicherheitsrasters werden weggelassen; eine Zelle ist 8 x 8 Pixel des Bildes, wenn für den Lauf nichts anderes gewählt wurde.</translation>
    </message>
    <message>
        <source>Merge across, in cells</source>
        <translation>Zusammenfassen über (Zellen)</translation>
    </message>
    <message>
        <source>Uncertain cells become one region when at most this many cells lie between them; at 0 they must touch, if only at a corner.</source>
        <translation>Unsichere Zellen werden zu einer Region, wenn höchstens so viele Zellen zwischen ihnen liegen; bei 0 müssen sie sich berühren, und sei es an einer Ecke.</translation>
    </message>
    <message>
        <source>Most regions</source>
        <translation>Höchstzahl der Regionen</translation>
    </message>
    <message>
        <source>Only so many regions are written, the most important ones.</source>
        <translation>Nur so viele Regionen werden geschrieben, die wichtigsten.</translation>
    </message>
    <message>
        <source>The layer to write, one feature a region, with rank, mean_u and max_u (uncertainty 0 to 1), area_m2 (on the ellipsoid; empty without a coordinate reference system), cells, class and class_2 (most frequent and second class), and status ('open'); choose a GeoPackage to keep it.</source>
        <translation>Der zu schreibende Layer, ein Objekt je Region, mit rank, mean_u und max_u (Unsicherheit 0 bis 1), area_m2 (auf dem Ellipsoid; leer ohne Koordinatenbezugssystem), cells, class und class_2 (häufigste und zweithäufigste Klasse) und status („open“); wählen Sie ein GeoPackage, um ihn zu behalten.</translation>
    </message>
    <message>
        <source>Regions</source>
        <translation>Regionen</translation>
    </message>
    <message>
        <source>How many regions were written.</source>
        <translation>Wie viele Regionen geschrieben wurden.</translation>
    </message>
    <message>
        <source>Least uncertainty</source>
        <translation>Kleinste Unsicherheit</translation>
    </message>
    <message>
        <source>The uncertainty, 0 to 1, from which cells were taken.</source>
        <translation>Die Unsicherheit, 0 bis 1, ab der Zellen genommen wurden.</translation>
    </message>
    <message>
        <source>models run with the Python package onnxruntime, which is not installed yet.</source>
        <translation>Modelle laufen mit dem Python-Paket onnxruntime, das noch nicht installiert ist.</translation>
    </message>
    <message>
        <source>UHRS segmentation: installation</source>
        <translation>UHRS segmentation: Installation</translation>
    </message>
    <message>
        <source>Install...</source>
        <translation>Installieren...</translation>
    </message>
    <message>
        <source>Installing onnxruntime</source>
        <translation>onnxruntime installieren</translation>
    </message>
    <message>
        <source>onnxruntime cannot be downloaded: {}. Check network and proxy (Settings &gt; Options &gt; Network), or install it from a file.</source>
        <translation>onnxruntime kann nicht heruntergeladen werden: {}. Prüfen Sie Netz und Proxy (Einstellungen &gt; Optionen &gt; Netzwerk), oder installieren Sie es aus einer Datei.</translation>
    </message>
    <message>
        <source>cancelled</source>
        <translation>abgebrochen</translation>
    </message>
    <message>
        <source>The plugin knows no onnxruntime for {} on this system: install it as the page says.</source>
        <translation>Die Erweiterung kennt keine onnxruntime für {} auf diesem System: Installieren Sie sie, wie es auf der Seite steht.</translation>
    </message>
    <message>
        <source>What came for '{}' is not that file ({} bytes, SHA-256 {}): nothing was installed.</source>
        <translation>Was für „{}“ kam, ist nicht diese Datei ({} Byte, SHA-256 {}): Es wurde nichts installiert.</translation>
    </message>
    <message>
        <source>'{}' holds no wheel of onnxruntime for {}: its name has {} and this platform in it.</source>
        <translation>„{}“ enthält kein Wheel von onnxruntime für {}: Sein Name enthält {} und diese Plattform.</translation>
    </message>
    <message>
        <source>The wheel is larger than any onnxruntime: nothing was installed.</source>
        <translation>Das Wheel ist größer als jede onnxruntime: Es wurde nichts installiert.</translation>
    </message>
    <message>
        <source>The wheel would write outside of its folder: nothing was installed.</source>
        <translation>Das Wheel würde außerhalb seines Ordners schreiben: Es wurde nichts installiert.</translation>
    </message>
    <message>
        <source>'{}' is no wheel of onnxruntime: choose one such as onnxruntime-1.23.2-cp311-...whl.</source>
        <translation>„{}“ ist kein Wheel von onnxruntime: Wählen Sie eines wie onnxruntime-1.23.2-cp311-...whl.</translation>
    </message>
    <message>
        <source>'{}' is for another Python or system: this QGIS needs {}.</source>
        <translation>„{}“ ist für ein anderes Python oder System: Dieses QGIS braucht {}.</translation>
    </message>
    <message>
        <source>'{}' cannot be read: {}.</source>
        <translation>„{}“ kann nicht gelesen werden: {}.</translation>
    </message>
    <message>
        <source>'{}' holds no package '{}'.</source>
        <translation>„{}“ enthält kein Paket „{}“.</translation>
    </message>
    <message>
        <source>'{}' is damaged: download it again.</source>
        <translation>„{}“ ist beschädigt: Laden Sie es noch einmal herunter.</translation>
    </message>
    <message>
        <source>'{}' cannot be written: {}.</source>
        <translation>„{}“ kann nicht geschrieben werden: {}.</translation>
    </message>
    <message>
        <source>Download onnxruntime {} (some 15 to 30 MB) from {} and unpack it into
{}

Its content is checked (SHA-256). Nothing else is installed or changed; to get rid of it, delete that folder.</source>
        <translation>onnxruntime {} (etwa 15 bis 30 MB) von {} herunterladen und entpacken in
{}

Der Inhalt wird geprüft (SHA-256). Sonst wird nichts installiert oder geändert; um es loszuwerden, löschen Sie diesen Ordner.</translation>
    </message>
    <message>
        <source>Unpack {} into
{}

Nothing else is installed or changed.</source>
        <translation>{} entpacken in
{}

Sonst wird nichts installiert oder geändert.</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>This file is none of those that the plugin knows: it runs with your rights, so install it only if you trust where it is from. Its SHA-256 is
{}</source>
        <translation>Diese Datei ist keine, die die Erweiterung kennt: Sie läuft mit Ihren Rechten; installieren Sie sie nur, wenn Sie ihrer Herkunft vertrauen. Ihr SHA-256 ist
{}</translation>
    </message>
    <message>
        <source>Install from</source>
        <translation>Installieren aus</translation>
    </message>
    <message>
        <source>File...</source>
        <translation>Datei...</translation>
    </message>
    <message>
        <source>Folder...</source>
        <translation>Ordner...</translation>
    </message>
    <message>
        <source>Copy command</source>
        <translation>Befehl kopieren</translation>
    </message>
    <message>
        <source>Wheel of onnxruntime</source>
        <translation>Wheel von onnxruntime</translation>
    </message>
    <message>
        <source>Folder with wheels of onnxruntime</source>
        <translation>Ordner mit Wheels von onnxruntime</translation>
    </message>
    <message>
        <source>Installing ...</source>
        <translation>Wird installiert ...</translation>
    </message>
    <message>
        <source>Cancelled: nothing was installed.</source>
        <translation>Abgebrochen: Es wurde nichts installiert.</translation>
    </message>
    <message>
        <source>Installed, but Python does not find it: restart QGIS.</source>
        <translation>Installiert, aber Python findet es nicht: Starten Sie QGIS neu.</translation>
    </message>
    <message>
        <source>onnxruntime is installed: 'Segment raster' is ready. 'Diagnostics' tells how fast it is.</source>
        <translation>onnxruntime ist installiert: „Raster segmentieren“ ist bereit. „Diagnose“ sagt, wie schnell es ist.</translation>
    </message>
    <message>
        <source>The legend would have {} x {} pixels: choose fewer dots per inch.</source>
        <translation>Die Legende hätte {} x {} Pixel: Wählen Sie einen kleineren DPI-Wert.</translation>
    </message>
    <message>
        <source>Layer '{}' has no legend: give it classes or a colour ramp.</source>
        <translation>Der Layer „{}“ hat keine Legende: Geben Sie ihm Klassen oder einen Farbverlauf.</translation>
    </message>
    <message>
        <source>1: unsure</source>
        <translation>1: unsicher</translation>
    </message>
    <message>
        <source>up to {}: sure</source>
        <translation>bis {}: sicher</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>right</source>
        <translation>richtig</translation>
    </message>
    <message>
        <source>wrong</source>
        <translation>falsch</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>unsicher</translation>
    </message>
    <message>
        <source>not judged</source>
        <translation>nicht beurteilt</translation>
    </message>
    <message>
        <source>Segment raster...</source>
        <translation>Raster segmentieren...</translation>
    </message>
    <message>
        <source>Draw an area of interest</source>
        <translation>Interessengebiet zeichnen</translation>
    </message>
    <message>
        <source>Review uncertain regions</source>
        <translation>Unsichere Regionen überprüfen</translation>
    </message>
    <message>
        <source>UHRS segmentation (uncertainty-guided, ultra-high resolution)</source>
        <translation>UHRS segmentation (nach Unsicherheit gesteuert, sehr hohe Auflösung)</translation>
    </message>
    <message>
        <source>'{}' is closed. All judgements are saved in its file.</source>
        <translation>„{}“ ist geschlossen. Alle Beurteilungen sind in der Datei gespeichert.</translation>
    </message>
    <message>
        <source>'{}' has no polygons to review: choose another layer.</source>
        <translation>„{}“ hat keine Polygone zum Überprüfen: Wählen Sie einen anderen Layer.</translation>
    </message>
    <message>
        <source>All regions of this list are judged.</source>
        <translation>Alle Regionen dieser Liste sind beurteilt.</translation>
    </message>
    <message>
        <source>Save regions as</source>
        <translation>Regionen speichern als</translation>
    </message>
    <message>
        <source>This is the end of the list.</source>
        <translation>Das ist das Ende der Liste.</translation>
    </message>
    <message>
        <source>This is the start of the list.</source>
        <translation>Das ist der Anfang der Liste.</translation>
    </message>
    <message>
        <source>There is nothing to undo.</source>
        <translation>Es gibt nichts rückgängig zu machen.</translation>
    </message>
    <message>
        <source>There is no region to judge: open a layer and choose one.</source>
        <translation>Es gibt keine Region zu beurteilen: Öffnen Sie einen Layer und wählen Sie eine.</translation>
    </message>
    <message>
        <source>Open a layer and choose a class first, then draw.</source>
        <translation>Öffnen Sie zuerst einen Layer und wählen Sie eine Klasse, dann zeichnen Sie.</translation>
    </message>
    <message>
        <source>Open a layer of regions first, then add classes.</source>
        <translation>Öffnen Sie zuerst einen Layer mit Regionen, dann fügen Sie Klassen hinzu.</translation>
    </message>
    <message>
        <source>Kept: this part is {}.</source>
        <translation>Übernommen: Dieser Teil ist {}.</translation>
    </message>
    <message>
        <source>'{}' is class {} of this review from now on.</source>
        <translation>„{}“ ist von jetzt an Klasse {} dieser Überprüfung.</translation>
    </message>
    <message>
        <source>There is no class '{}': choose one of the list.</source>
        <translation>Es gibt keine Klasse „{}“: Wählen Sie eine aus der Liste.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' holds no polygons and is not ours: rename it.</source>
        <translation>Die Tabelle „{}“ in „{}“ enthält keine Polygone und ist nicht unsere: Benennen Sie sie um.</translation>
    </message>
    <message>
        <source>The table '{}' in '{}' lacks {} and is not ours: rename it.</source>
        <translation>Der Tabelle „{}“ in „{}“ fehlt {}, sie ist nicht unsere: Benennen Sie sie um.</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on drawing.</source>
        <translation>„{}“ wird gerade bearbeitet: Speichern oder verwerfen Sie die Änderungen (Bearbeitungsstatus umschalten), dann zeichnen Sie weiter.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy of the regions as a GeoPackage to draw.</source>
        <translation>„{}“ ist schreibgeschützt: Speichern Sie zum Zeichnen eine Kopie der Regionen als GeoPackage.</translation>
    </message>
    <message>
        <source>QGIS does not open it</source>
        <translation>QGIS öffnet sie nicht</translation>
    </message>
    <message>
        <source>Corrections of {}</source>
        <translation>Korrekturen von {}</translation>
    </message>
    <message>
        <source>No table for corrections can be made in '{}': {}.</source>
        <translation>In „{}“ kann keine Tabelle für Korrekturen angelegt werden: {}.</translation>
    </message>
    <message>
        <source>The correction is NOT saved: {}. Try again.</source>
        <translation>Die Korrektur ist NICHT gespeichert: {}. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>The correction stays: {}.</source>
        <translation>Die Korrektur bleibt: {}.</translation>
    </message>
    <message>
        <source>The numbers of the classes are not known: choose the class raster below.</source>
        <translation>Die Nummern der Klassen sind nicht bekannt: Wählen Sie unten das Klassenraster.</translation>
    </message>
    <message>
        <source>No number is left for another class: {} is the largest one.</source>
        <translation>Für eine weitere Klasse ist keine Nummer frei: {} ist die größte.</translation>
    </message>
    <message>
        <source>A class needs a name of 1 to {} characters.</source>
        <translation>Eine Klasse braucht einen Namen von 1 bis {} Zeichen.</translation>
    </message>
    <message>
        <source>There is a class '{}' already: choose it in the list.</source>
        <translation>Die Klasse „{}“ gibt es schon: Wählen Sie sie in der Liste.</translation>
    </message>
    <message>
        <source>The class '{}' is NOT added: {}. Try again.</source>
        <translation>Die Klasse „{}“ ist NICHT hinzugefügt: {}. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>'{}' exists already and may hold judgements: choose another name.</source>
        <translation>„{}“ gibt es schon und könnte Beurteilungen enthalten: Wählen Sie einen anderen Namen.</translation>
    </message>
    <message>
        <source>'{}' was written, yet QGIS does not open it.</source>
        <translation>„{}“ wurde geschrieben, aber QGIS öffnet es nicht.</translation>
    </message>
    <message>
        <source>the file took other values</source>
        <translation>die Datei hat andere Werte angenommen</translation>
    </message>
    <message>
        <source>The region is gone: somebody has deleted it.</source>
        <translation>Die Region ist weg: Jemand hat sie gelöscht.</translation>
    </message>
    <message>
        <source>'{}' lives in memory only and would be lost with QGIS: save it as a GeoPackage to judge.</source>
        <translation>„{}“ liegt nur im Speicher und ginge mit QGIS verloren: Speichern Sie es zum Beurteilen als GeoPackage.</translation>
    </message>
    <message>
        <source>The file of '{}' was deleted or replaced since it was opened: nothing more is saved. Reopen it.</source>
        <translation>Die Datei von „{}“ wurde seit dem Öffnen gelöscht oder ersetzt: Es wird nichts mehr gespeichert. Öffnen Sie sie neu.</translation>
    </message>
    <message>
        <source>'{}' is read-only: save a copy as a GeoPackage to judge.</source>
        <translation>„{}“ ist schreibgeschützt: Speichern Sie zum Beurteilen eine Kopie als GeoPackage.</translation>
    </message>
    <message>
        <source>The field '{}' of '{}' must hold {} to keep judgements: rename it (layer properties, Fields).</source>
        <translation>Das Feld „{}“ von „{}“ muss {} enthalten, um Beurteilungen zu behalten: Benennen Sie es um (Layereigenschaften, Felder).</translation>
    </message>
    <message>
        <source>'{}' lacks the fields that keep judgements: {}.</source>
        <translation>„{}“ fehlen die Felder für Beurteilungen: {}.</translation>
    </message>
    <message>
        <source>numbers</source>
        <translation>Zahlen</translation>
    </message>
    <message>
        <source>text</source>
        <translation>Text</translation>
    </message>
    <message>
        <source>'{}' is being edited: save or cancel the edits (Toggle Editing), then go on. Judgements made so far are saved.</source>
        <translation>„{}“ wird gerade bearbeitet: Speichern oder verwerfen Sie die Änderungen (Bearbeitungsstatus umschalten), dann machen Sie weiter. Bisherige Beurteilungen sind gespeichert.</translation>
    </message>
    <message>
        <source>The judgement is NOT saved: {}. Try again.</source>
        <translation>Die Beurteilung ist NICHT gespeichert: {}. Versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>the file does not take it</source>
        <translation>die Datei nimmt sie nicht an</translation>
    </message>
    <message>
        <source>The number of class '{}' is not known: choose the class raster below.</source>
        <translation>Die Nummer der Klasse „{}“ ist nicht bekannt: Wählen Sie unten das Klassenraster.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to add classes.</source>
        <translation>„{}“ liegt in keiner Datei: Speichern Sie es als GeoPackage, um Klassen hinzuzufügen.</translation>
    </message>
    <message>
        <source>{} has judged this region meanwhile ({}): nothing was changed. Judge again to overrule.</source>
        <translation>{} hat diese Region inzwischen beurteilt ({}): Es wurde nichts geändert. Beurteilen Sie noch einmal, um das zu überstimmen.</translation>
    </message>
    <message>
        <source>This point does not show the class of the map: choose the class that it is (keys 1 to 9).</source>
        <translation>Dieser Punkt zeigt die Klasse der Karte nicht: Wählen Sie, welche Klasse es ist (Tasten 1 bis 9).</translation>
    </message>
    <message>
        <source>Choose which class this point is (keys 1 to 9).</source>
        <translation>Wählen Sie, welche Klasse dieser Punkt ist (Tasten 1 bis 9).</translation>
    </message>
    <message>
        <source>Choose a region first.</source>
        <translation>Wählen Sie zuerst eine Region.</translation>
    </message>
    <message>
        <source>Somebody else</source>
        <translation>Jemand anders</translation>
    </message>
    <message>
        <source>The drawn correction is gone already.</source>
        <translation>Die gezeichnete Korrektur ist schon weg.</translation>
    </message>
    <message>
        <source>'{}' is in no file: save it as a GeoPackage to draw corrections beside it.</source>
        <translation>„{}“ liegt in keiner Datei: Speichern Sie es als GeoPackage, um daneben Korrekturen zu zeichnen.</translation>
    </message>
    <message>
        <source>That is no area: click at least three corners that are not in one line.</source>
        <translation>Das ist keine Fläche: Klicken Sie mindestens drei Ecken, die nicht auf einer Linie liegen.</translation>
    </message>
    <message>
        <source>A polygon needs at least three corners: click more, or press Esc.</source>
        <translation>Ein Polygon braucht mindestens drei Ecken: Klicken Sie weitere oder drücken Sie Esc.</translation>
    </message>
    <message>
        <source>This region has no polygon: the map stays where it is.</source>
        <translation>Diese Region hat kein Polygon: Die Karte bleibt, wo sie ist.</translation>
    </message>
    <message>
        <source>This region lies where the map's coordinate reference system does not reach: choose another one for the project.</source>
        <translation>Diese Region liegt außerhalb der Reichweite des Koordinatenbezugssystems der Karte: Wählen Sie ein anderes für das Projekt.</translation>
    </message>
    <message>
        <source>The drawing lies where the CRS of the regions does not reach.</source>
        <translation>Die Zeichnung liegt außerhalb der Reichweite des KBS der Regionen.</translation>
    </message>
    <message>
        <source>Add the fields</source>
        <translation>Felder hinzufügen</translation>
    </message>
    <message>
        <source>Save as...</source>
        <translation>Speichern als...</translation>
    </message>
    <message>
        <source>Reopen</source>
        <translation>Neu öffnen</translation>
    </message>
    <message>
        <source>The regions of '{}' are gone. Choose another layer.</source>
        <translation>Die Regionen von „{}“ sind weg. Wählen Sie einen anderen Layer.</translation>
    </message>
    <message>
        <source>A class that the model does not know. Draw it, or judge regions to be it: 'Corrected classes' and 'Training samples' keep its name and colour, so that a model can learn it.</source>
        <translation>Eine Klasse, die das Modell nicht kennt. Zeichnen Sie sie, oder weisen Sie ihr Regionen zu: „Korrigierte Klassen“ und „Trainingsbeispiele“ behalten Namen und Farbe, sodass ein Modell sie lernen kann.</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>Neue Klasse</translation>
    </message>
    <message>
        <source>Colour</source>
        <translation>Farbe</translation>
    </message>
    <message>
        <source>Choose above the regions to review. 'Uncertain regions' in the Processing Toolbox makes them.</source>
        <translation>Wählen Sie oben die Regionen, die überprüft werden sollen. „Unsichere Regionen“ in den Verarbeitungswerkzeugen erzeugt sie.</translation>
    </message>
    <message>
        <source>'{}' has no regions.</source>
        <translation>„{}“ hat keine Regionen.</translation>
    </message>
    <message>
        <source>no regions</source>
        <translation>keine Regionen</translation>
    </message>
    <message>
        <source>{} of {}, {} % of the doubtful area</source>
        <translation>{} von {}, {} % der zweifelhaften Fläche</translation>
    </message>
    <message>
        <source>Classified as {}</source>
        <translation>Klassifiziert als {}</translation>
    </message>
    <message>
        <source>Judged: {}</source>
        <translation>Beurteilt: {}</translation>
    </message>
    <message>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
    <message>
        <source>Part {} of {}: {}</source>
        <translation>Teil {} von {}: {}</translation>
    </message>
    <message>
        <source>{}, then {}</source>
        <translation>{}, dann {}</translation>
    </message>
    <message>
        <source>by {}</source>
        <translation>von {}</translation>
    </message>
    <message>
        <source>(up to {})</source>
        <translation>(bis zu {})</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 choose a class, then W all of it, D or B a part</source>
        <translation>R richtig, S unsicher; 1 bis 9 wählen eine Klasse, dann W für alles, D oder B für einen Teil</translation>
    </message>
    <message>
        <source>R right, S unsure; 1 to 9 judge at once: it is that class</source>
        <translation>R richtig, S unsicher; 1 bis 9 urteilen sofort: Es ist diese Klasse</translation>
    </message>
    <message>
        <source>Draw a part that is the class chosen above: left click sets corners, right click ends, Backspace takes a corner back, Esc drops the drawing</source>
        <translation>Einen Teil zeichnen, der die oben gewählte Klasse ist: Linksklick setzt Ecken, Rechtsklick beendet, Rücktaste nimmt eine Ecke zurück, Esc verwirft die Zeichnung</translation>
    </message>
    <message>
        <source>Paint a part that is the class chosen above: hold the left button down; Esc drops the stroke</source>
        <translation>Einen Teil malen, der die oben gewählte Klasse ist: linke Maustaste gedrückt halten; Esc verwirft den Strich</translation>
    </message>
    <message>
        <source>Previous</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Go to the region before</source>
        <translation>Zur vorigen Region gehen</translation>
    </message>
    <message>
        <source>Next</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>Go to the region after</source>
        <translation>Zur nächsten Region gehen</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>Zeigen</translation>
    </message>
    <message>
        <source>Show this region on the map again, and flash it</source>
        <translation>Diese Region wieder auf der Karte zeigen und aufblinken lassen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Take your last judgement or drawn correction back</source>
        <translation>Die letzte eigene Beurteilung oder gezeichnete Korrektur zurücknehmen</translation>
    </message>
    <message>
        <source>Right</source>
        <translation>Richtig</translation>
    </message>
    <message>
        <source>The classes are right in this region</source>
        <translation>Die Klassen sind in dieser Region richtig</translation>
    </message>
    <message>
        <source>Unsure</source>
        <translation>Unsicher</translation>
    </message>
    <message>
        <source>You cannot tell: the region counts as seen and trains nothing</source>
        <translation>Nicht zu erkennen: Die Region gilt als gesehen und dient nicht zum Training</translation>
    </message>
    <message>
        <source>Wrong</source>
        <translation>Falsch</translation>
    </message>
    <message>
        <source>All of this region is the class chosen below</source>
        <translation>Diese ganze Region ist die unten gewählte Klasse</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>Zeichnen</translation>
    </message>
    <message>
        <source>Paint</source>
        <translation>Malen</translation>
    </message>
    <message>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <source>Show or hide the image</source>
        <translation>Das Bild ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show or hide the classes</source>
        <translation>Die Klassen ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show or hide the uncertainty</source>
        <translation>Die Unsicherheit ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Go on to the next one</source>
        <translation>Weiter zur nächsten</translation>
    </message>
    <message>
        <source>After a judgement, go to the next region that nobody has judged</source>
        <translation>Nach einer Beurteilung zur nächsten Region gehen, die niemand beurteilt hat</translation>
    </message>
    <message>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <source>Width of the brush on the screen</source>
        <translation>Breite des Pinsels auf dem Bildschirm</translation>
    </message>
    <message>
        <source>Your name, which is kept with each of your judgements</source>
        <translation>Ihr Name, der mit jeder Ihrer Beurteilungen gespeichert wird</translation>
    </message>
    <message>
        <source>Your name</source>
        <translation>Ihr Name</translation>
    </message>
    <message>
        <source>People who share the work take one part each: every second, third ... region</source>
        <translation>Wer die Arbeit teilt, nimmt je einen Teil: jede zweite, dritte ... Region</translation>
    </message>
    <message>
        <source>Show</source>
        <translation>Zeige</translation>
    </message>
    <message>
        <source>part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>of</source>
        <translation>von</translation>
    </message>
    <message>
        <source>Wrong: it is {} ({})</source>
        <translation>Falsch: Es ist {} ({})</translation>
    </message>
    <message>
        <source>Wrong: it is ... ({})</source>
        <translation>Falsch: Es ist ... ({})</translation>
    </message>
    <message>
        <source>Area</source>
        <translation>Fläche</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Judged</source>
        <translation>Beurteilt</translation>
    </message>
    <message>
        <source>Not judged yet</source>
        <translation>Noch nicht beurteilt</translation>
    </message>
    <message>
        <source>All</source>
        <translation>Alle</translation>
    </message>
    <message>
        <source>Judged by me</source>
        <translation>Von mir beurteilt</translation>
    </message>
    <message>
        <source>is {}</source>
        <translation>ist {}</translation>
    </message>
    <message>
        <source>New class...</source>
        <translation>Neue Klasse...</translation>
    </message>
    <message>
        <source>Add a class that the model does not know, for corrections and training samples</source>
        <translation>Eine Klasse hinzufügen, die das Modell nicht kennt, für Korrekturen und Trainingsbeispiele</translation>
    </message>
    <message>
        <source>Choose below which class it is, or press its digit.</source>
        <translation>Wählen Sie unten, welche Klasse es ist, oder drücken Sie ihre Ziffer.</translation>
    </message>
    <message>
        <source>{} is chosen: W if all of the region is it, D or B to draw a part.</source>
        <translation>{} ist gewählt: W, wenn die ganze Region dazugehört, D oder B, um einen Teil zu zeichnen.</translation>
    </message>
    <message>
        <source>Choose first which class to draw.</source>
        <translation>Wählen Sie zuerst, welche Klasse gezeichnet werden soll.</translation>
    </message>
    <message>
        <source>{} square units</source>
        <translation>{} Quadrateinheiten</translation>
    </message>
</context>
</TS>
